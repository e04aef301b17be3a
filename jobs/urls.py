from django.urls import path

from jobs.views import launch, lists, watch

app_name = "jobs"
urlpatterns = [
    path("", lists.job_list, name="list"),
    path("new", launch.job_new, name="new"),
    path("check", launch.job_check, name="check"),
    path("<str:uid>", watch.job_detail, name="detail"),
    path("<str:uid>/figure/<str:metric>", watch.job_figure, name="figure"),
    path("<str:uid>/log.txt", watch.job_log, name="log"),
    path("<str:uid>/stop", watch.job_stop, name="stop"),
    path("<str:uid>/delete", watch.job_delete, name="delete"),
]
