from django.urls import path

from jobs.views import code, compare, experiments, launch, lists, log, notes, scripts, tuning, watch

app_name = "jobs"
urlpatterns = [
    path("", lists.job_list, name="list"),
    path("new", launch.job_new, name="new"),
    path("new/script", scripts.script_new, name="script_new"),
    path("check", launch.job_check, name="check"),
    path("compare", compare.job_compare, name="compare"),
    path("compare/curves", compare.compare_curves, name="compare_curves"),
    path("compare/points", compare.compare_points, name="compare_points"),
    path("compare/scatter", compare.compare_scatter, name="compare_scatter"),
    path("compare/table.<str:kind>", compare.compare_table, name="compare_table"),
    path("experiments", experiments.experiment_list, name="experiments"),
    path("experiments/<str:uid>", experiments.experiment_detail, name="experiment"),
    path("experiments/<str:uid>/change", experiments.experiment_change, name="experiment_change"),
    path("experiments/<str:uid>/notes", notes.experiment_notes, name="experiment_notes"),
    path("tuning", tuning.tuning_list, name="tuning_list"),
    path("tuning/new", tuning.tuning_new, name="tuning_new"),
    path("tuning/<str:uid>", tuning.tuning_detail, name="tuning"),
    path("tuning/<str:uid>/figure/<str:figure>", tuning.tuning_figure, name="tuning_figure"),
    path("tuning/<str:uid>/code", code.tuning_code, name="tuning_code"),
    path("tuning/<str:uid>/stop", tuning.tuning_stop, name="tuning_stop"),
    path("<str:uid>", watch.job_detail, name="detail"),
    path("<str:uid>/figure/<str:metric>", watch.job_figure, name="figure"),
    path("<str:uid>/log", log.job_log, name="log"),
    path("<str:uid>/log/lines", log.job_log_lines, name="log_lines"),
    path("<str:uid>/log.txt", log.job_log_text, name="log_text"),
    path("<str:uid>/code", code.job_code, name="code"),
    path("<str:uid>/notes", notes.job_notes, name="notes"),
    path("<str:uid>/stop", watch.job_stop, name="stop"),
    path("<str:uid>/delete", watch.job_delete, name="delete"),
]
