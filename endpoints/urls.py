from django.urls import path

from endpoints.views import asking, delete, deploy, detail, lists, models, watch

app_name = "endpoints"
urlpatterns = [
    path("", lists.endpoint_list, name="list"),
    path("deploy", deploy.endpoint_deploy, name="deploy"),
    path("models", models.model_list, name="models"),
    path("<str:uid>", detail.endpoint_detail, name="detail"),
    path("<str:uid>/charts", watch.endpoint_charts, name="charts"),
    path("<str:uid>/charts/<str:panel>", watch.endpoint_chart, name="chart"),
    path("<str:uid>/ask", asking.endpoint_ask, name="ask"),
    path("<str:uid>/delete", delete.endpoint_delete, name="delete"),
]
