from django.urls import path

from results.views import (
    compare,
    evaluate,
    exports,
    report_editor,
    report_pages,
    results,
    sample,
    shares,
)

app_name = "results"
urlpatterns = [
    path("", results.result_list, name="list"),
    path("compare", compare.compare_results, name="compare"),
    path("compare.csv", compare.compare_csv, name="compare_csv"),
    path("compare/rows.csv", compare.compare_rows, name="compare_rows"),
    path("evaluate", evaluate.new_evaluation, name="evaluate"),
    path("sample/remove", sample.remove_sample, name="remove_sample"),
    path("reports", report_pages.report_list, name="report_list"),
    path("reports/new", report_pages.new_report, name="report_new"),
    path("reports/<str:uid>", report_pages.report_page, name="report"),
    path("reports/<str:uid>/edit", report_editor.edit_report, name="report_edit"),
    path("reports/<str:uid>/freeze", report_pages.freeze_report, name="report_freeze"),
    path("reports/<str:uid>/copy", report_pages.copy_report, name="report_copy"),
    path("reports/<str:uid>/delete", report_pages.delete_report, name="report_delete"),
    path("reports/<str:uid>/share", shares.share_report, name="report_share"),
    path("shares", shares.share_list, name="share_list"),
    path("shares/<str:uid>", shares.change_share, name="share_terms"),
    path("shares/<str:uid>/revoke", shares.revoke_share, name="revoke_share"),
    path("<str:uid>", results.result_detail, name="detail"),
    path("<str:uid>/matrix.json", results.matrix_figure, name="matrix"),
    path("<str:uid>/predictions.csv", results.download_predictions, name="predictions"),
    path("<str:uid>/export.<str:kind>", exports.export, name="export"),
    path("<str:uid>/figures/<str:name>.png", exports.figure, name="figure"),
    path("<str:uid>/share", shares.create_share, name="share"),
]
