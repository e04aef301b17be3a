from django.urls import re_path

from results.public import shared

app_name = "public"
# Everything below /s/ answers alike, so that nothing can be learned by guessing.
urlpatterns = [re_path(r"^(?P<token>.*)\Z", shared, name="shared")]
