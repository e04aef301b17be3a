from endpoints.forms.asking import FORM_COLUMNS, AskForm
from endpoints.forms.delete import DeleteForm
from endpoints.forms.deploy import DeployForm

__all__ = ["FORM_COLUMNS", "AskForm", "DeleteForm", "DeployForm"]
