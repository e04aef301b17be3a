from django.urls import path

from endpoints import views

app_name = "endpoints"
urlpatterns = [
    path("", views.endpoint_list, name="list"),
    path("deploy", views.endpoint_deploy, name="deploy"),
    path("models", views.model_list, name="models"),
    path("<str:uid>", views.endpoint_detail, name="detail"),
    path("<str:uid>/ask", views.endpoint_ask, name="ask"),
    path("<str:uid>/delete", views.endpoint_delete, name="delete"),
]
