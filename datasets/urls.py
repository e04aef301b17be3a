from django.urls import path

from datasets.views import dialect, importing, looking, preparations, preparing, rows, uploading

app_name = "datasets"
urlpatterns = [
    path("", looking.dataset_list, name="list"),
    path("upload", uploading.dataset_upload, name="upload"),
    path("import", importing.dataset_import, name="import"),
    path("uploads/<str:uid>/cancel", uploading.dataset_upload_cancel, name="upload_cancel"),
    path("sample", uploading.dataset_sample, name="sample"),
    path("preparations/<str:uid>", preparations.preparation_detail, name="preparation"),
    path("preparations/<str:uid>/repeat", preparations.preparation_repeat, name="repeat"),
    path(
        "preparations/<str:uid>/delete", preparations.preparation_delete, name="preparation_delete"
    ),
    path("<str:uid>", looking.dataset_detail, name="detail"),
    path("<str:uid>/dialect", dialect.dataset_dialect, name="dialect"),
    path("<str:uid>/prepare", preparing.dataset_prepare, name="prepare"),
    path("<str:uid>/prepare/preview", preparing.dataset_preview, name="prepare_preview"),
    path("<str:uid>/rows", rows.dataset_rows, name="rows"),
    path("<str:uid>/images", rows.dataset_images, name="images"),
    path("<str:uid>/shape", rows.dataset_reshape, name="reshape"),
    path("<str:uid>/delete", looking.dataset_delete, name="delete"),
]
