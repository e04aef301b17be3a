from django.urls import re_path

from results.public import download, embedded, nothing, shared

app_name = "public"
# Everything below /s/ answers alike, so that nothing can be learned by guessing.
urlpatterns = [
    re_path(r"^(?P<token>[^/]*)\Z", shared, name="shared"),
    re_path(r"^(?P<token>[^/]*)/embed\Z", embedded, name="embed"),
    re_path(r"^(?P<token>[^/]*)/file/(?P<form>[a-z-]+)\Z", download, name="download"),
    re_path(r"^(?P<rest>.*)\Z", nothing, name="nothing"),
]
