from django.urls import path

from results.views import evaluate, exports, results, sample, shares

app_name = "results"
urlpatterns = [
    path("", results.result_list, name="list"),
    path("evaluate", evaluate.new_evaluation, name="evaluate"),
    path("sample/remove", sample.remove_sample, name="remove_sample"),
    path("shares/<str:uid>/revoke", shares.revoke_share, name="revoke_share"),
    path("<str:uid>", results.result_detail, name="detail"),
    path("<str:uid>/matrix.json", results.matrix_figure, name="matrix"),
    path("<str:uid>/predictions.csv", results.download_predictions, name="predictions"),
    path("<str:uid>/export.<str:kind>", exports.export, name="export"),
    path("<str:uid>/figures/<str:name>.png", exports.figure, name="figure"),
    path("<str:uid>/share", shares.create_share, name="share"),
]
