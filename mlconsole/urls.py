from django.contrib import admin
from django.urls import include, path

from core import views as core
from core.health import healthz, livez
from core.views import sync, workspace
from mlconsole.api import api
from mlconsole.home import home

urlpatterns = [
    path("", home, name="home"),
    path("datasets/", include("datasets.urls")),
    path("jobs/", include("jobs.urls")),
    path("endpoints/", include("endpoints.urls")),
    path("results/", include("results.urls")),
    path("s/", include("results.public_urls")),
    path("k/", include("endpoints.public_urls")),
    path("settings", core.settings_page, name="settings"),
    path("settings/tokens", core.create_token, name="create_token"),
    path("settings/tokens/<int:pk>/revoke", core.revoke_token, name="revoke_token"),
    path("workspace", workspace.workspace_page, name="workspace"),
    path("workspace/settings", workspace.change_settings, name="workspace_settings"),
    path("workspace/scripts", workspace.allow_scripts, name="workspace_scripts"),
    path("workspace/members", workspace.add_member, name="workspace_member_add"),
    path("workspace/members/<int:pk>", workspace.change_role, name="workspace_member_role"),
    path(
        "workspace/members/<int:pk>/remove",
        workspace.remove_member,
        name="workspace_member_remove",
    ),
    path("sign-in/<str:secret>", core.sign_in_by_link, name="sign_in_by_link"),
    path("sign-in/<str:secret>/go", core.redeem_link, name="redeem_link"),
    path("accounts/", include("allauth.account.urls")),
    path("synced/<str:kind>", sync.synced, name="synced"),
    path("events", core.live_events, name="events"),
    path("api/v1/", api.urls),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
    path("livez", livez, name="livez"),
]

handler404 = "core.views.not_found"
handler500 = "core.views.server_error"
