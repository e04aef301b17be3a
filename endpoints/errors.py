"""What goes wrong between a trained job and an answer, in words for the person who asked."""

from core.errors import Conflict, UserError


class NotDeployable(Conflict):
    """The job or model has nothing to serve (yet)."""

    code = "not_deployable"


class NotServing(Conflict):
    """The endpoint does not answer in its present state."""

    code = "not_serving"


class WrongInput(UserError):
    """The rows do not fit the model; the message names the row and the column."""

    code = "wrong_input"
    status = 422


class ModelRefused(UserError):
    """The model's own container could not answer these rows."""

    code = "model_refused"
    status = 422


class NoAnswer(UserError):
    """AWS did not answer in time, or would not."""

    code = "no_answer"
    status = 503


class Protected(Conflict):
    """Somebody wants the endpoint kept; the message says who or why, the hint how to lift it."""

    code = "protected"
