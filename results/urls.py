from django.urls import path

from results import views

app_name = "results"
urlpatterns = [
    path("", views.result_list, name="list"),
    path("evaluate", views.new_evaluation, name="evaluate"),
    path("sample/remove", views.remove_sample, name="remove_sample"),
    path("shares/<str:uid>/revoke", views.revoke_share, name="revoke_share"),
    path("<str:uid>", views.result_detail, name="detail"),
    path("<str:uid>/matrix.json", views.matrix_figure, name="matrix"),
    path("<str:uid>/predictions.csv", views.download_predictions, name="predictions"),
    path("<str:uid>/share", views.create_share, name="share"),
]
