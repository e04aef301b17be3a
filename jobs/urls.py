from django.urls import path

from jobs.views import launch, lists, scripts, tuning, watch

app_name = "jobs"
urlpatterns = [
    path("", lists.job_list, name="list"),
    path("new", launch.job_new, name="new"),
    path("new/script", scripts.script_new, name="script_new"),
    path("check", launch.job_check, name="check"),
    path("tuning", tuning.tuning_list, name="tuning_list"),
    path("tuning/new", tuning.tuning_new, name="tuning_new"),
    path("tuning/<str:uid>", tuning.tuning_detail, name="tuning"),
    path("tuning/<str:uid>/figure/<str:figure>", tuning.tuning_figure, name="tuning_figure"),
    path("tuning/<str:uid>/stop", tuning.tuning_stop, name="tuning_stop"),
    path("<str:uid>", watch.job_detail, name="detail"),
    path("<str:uid>/figure/<str:metric>", watch.job_figure, name="figure"),
    path("<str:uid>/log.txt", watch.job_log, name="log"),
    path("<str:uid>/stop", watch.job_stop, name="stop"),
    path("<str:uid>/delete", watch.job_delete, name="delete"),
]
