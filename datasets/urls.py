from django.urls import path

from datasets.views import looking, preparing, uploading

app_name = "datasets"
urlpatterns = [
    path("", looking.dataset_list, name="list"),
    path("upload", uploading.dataset_upload, name="upload"),
    path("sample", uploading.dataset_sample, name="sample"),
    path("preparations/<str:uid>", preparing.preparation_detail, name="preparation"),
    path("preparations/<str:uid>/delete", preparing.preparation_delete, name="preparation_delete"),
    path("<str:uid>", looking.dataset_detail, name="detail"),
    path("<str:uid>/prepare", preparing.dataset_prepare, name="prepare"),
    path("<str:uid>/delete", looking.dataset_delete, name="delete"),
]
