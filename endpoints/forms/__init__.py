from endpoints.forms.asking import FORM_COLUMNS, AskForm
from endpoints.forms.batch import BatchForm
from endpoints.forms.cleanup import PlanForm, ProtectForm
from endpoints.forms.delete import DeleteForm
from endpoints.forms.deploy import DeployForm
from endpoints.forms.importing import ImportForm
from endpoints.forms.policies import PolicyForm
from endpoints.forms.scaling import ScalingForm
from endpoints.forms.update import UpdateForm

__all__ = [
    "FORM_COLUMNS",
    "AskForm",
    "BatchForm",
    "DeleteForm",
    "DeployForm",
    "ImportForm",
    "PlanForm",
    "PolicyForm",
    "ProtectForm",
    "ScalingForm",
    "UpdateForm",
]
