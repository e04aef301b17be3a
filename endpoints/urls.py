from django.urls import path

from endpoints.views import (
    asking,
    cleanup,
    delete,
    deploy,
    detail,
    importing,
    lists,
    models,
    protect,
    recreate,
    update,
    watch,
)

app_name = "endpoints"
urlpatterns = [
    path("", lists.endpoint_list, name="list"),
    path("deploy", deploy.endpoint_deploy, name="deploy"),
    path("cleanup", cleanup.cleanup_new, name="cleanup"),
    path("cleanup/<str:uid>", cleanup.cleanup_detail, name="cleanup_detail"),
    path("cleanup/<str:uid>/confirm", cleanup.cleanup_confirm, name="cleanup_confirm"),
    path("savings", cleanup.savings_ledger, name="savings"),
    path("models", models.model_list, name="models"),
    path("models/import", importing.model_import, name="model_import"),
    path("models/<str:uid>", models.model_detail, name="model"),
    path("models/<str:uid>/delete", models.model_delete, name="model_delete"),
    path("burn", watch.burn_chart, name="burn"),
    path("<str:uid>", detail.endpoint_detail, name="detail"),
    path("<str:uid>/charts", watch.endpoint_charts, name="charts"),
    path("<str:uid>/charts/<str:panel>", watch.endpoint_chart, name="chart"),
    path("<str:uid>/ask", asking.endpoint_ask, name="ask"),
    path("<str:uid>/update", update.endpoint_update, name="update"),
    path("<str:uid>/delete", delete.endpoint_delete, name="delete"),
    path("<str:uid>/protect", protect.endpoint_protect, name="protect"),
    path("<str:uid>/unprotect", protect.endpoint_unprotect, name="unprotect"),
    path("<str:uid>/recreate", recreate.endpoint_recreate, name="recreate"),
    path("<str:uid>/snooze", protect.endpoint_snooze, name="snooze"),
]
