from django.urls import re_path

from endpoints.views.notice_links import notice_link

app_name = "notices"
# Everything below /k/ answers alike, so that nothing can be learned by guessing.
urlpatterns = [re_path(r"^(?P<token>.*)\Z", notice_link, name="link")]
