"""The admin's site: signing in and out, and the list of its pages."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from knowledge.errors import InvalidCredentials, TooManyAttempts
from staff.pages import Page
from staff.shield import View, shielded
from staff.sign_in import SignInForm, sign_in, sign_out
from staff.watching import Outcome, tell

NEXT: Final = "next"


class StaffSite(AdminSite):
    """Django's admin with our sign-in, and of its pages those alone that `pages` names."""

    site_header = "Nexus"
    site_title = "Nexus"
    index_title = "What staff do"
    site_url = "/graphql"

    def __init__(self, pages: Mapping[Any, type[Page]]) -> None:
        super().__init__()
        # Deleting rows by the dozen is nothing that a service offers.
        self.disable_action("delete_selected")
        for model, page in pages.items():
            self.register(model, page)

    def get_urls(self) -> list[Any]:
        """The addresses: nothing of Django's that is not needed, and all of it behind the shield."""
        views: list[URLPattern | URLResolver] = [
            path("", self.page(self.index), name="index"),
            path("login/", shielded(self.login), name="login"),
            path("logout/", self.page(self.logout), name="logout"),
            # Django's templates load it, and it speaks of nothing: anybody may.
            path("jsi18n/", shielded(self.i18n_javascript), name="jsi18n"),
        ]
        for model, page in self._registry.items():
            views.append(path(f"{model._meta.app_label}/{model._meta.model_name}/", include(page.get_urls())))
        views.append(path("knowledge/", self.page(self.to_index), {"app_label": "knowledge"}, name="app_list"))
        views.append(path("<path:url>", self.page(self.catch_all_view)))
        return views

    def page(self, view: View) -> View:
        """The view for staff alone, behind the shield."""
        return shielded(self.admin_view(view))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The pages in their order, under their titles."""
        if not self.has_permission(request):
            return []
        models = [
            {
                "model": model,
                "name": page.title,
                "object_name": model._meta.object_name,
                "admin_url": reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"),
                "add_url": None,
                "view_only": True,
            }
            for model, page in self._registry.items()
            if isinstance(page, Page)
        ]
        index = reverse("admin:index")
        return [{"name": "Nexus", "app_label": "knowledge", "app_url": index, "models": models}]

    def to_index(self, request: HttpRequest, app_label: str) -> HttpResponse:
        """Where Django's breadcrumbs lead: there is but one list of pages."""
        return HttpResponseRedirect(reverse("admin:index"))

    # Signing in and out take no other of Django's ways: its forms and signals know nothing of our sessions.

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The form; posted, it signs in and leads on to where somebody wanted to go, within the admin."""
        return _sign_in_page(request, self)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Signs out, when it is posted."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        sign_out(request)
        return HttpResponseRedirect(reverse("admin:login"))


@sensitive_post_parameters("password")
@csrf_protect
def _sign_in_page(request: HttpRequest, site: StaffSite) -> HttpResponse:
    wanted = _wanted(request)
    if request.method != "POST" and site.has_permission(request):
        return HttpResponseRedirect(wanted)
    form = SignInForm(request.POST if request.method == "POST" else None)
    status, headers = 200, {}
    if form.is_valid():
        try:
            sign_in(request, **form.cleaned_data)
        except InvalidCredentials as refused:
            tell(Outcome.FAILED)
            form.add_error(None, str(refused))
        except TooManyAttempts as refused:
            tell(Outcome.BLOCKED)
            form.add_error(None, str(refused))
            status, headers = 429, {"Retry-After": str(refused.retry_after)}
        else:
            tell(Outcome.SIGNED_IN)
            return HttpResponseRedirect(wanted)
    context = {
        **site.each_context(request),
        "title": "Sign in",
        "form": form,
        "app_path": reverse("admin:login"),
        NEXT: wanted,
    }
    return TemplateResponse(request, "admin/login.html", context, status=status, headers=headers)


def _wanted(request: HttpRequest) -> str:
    """Where to go after signing in: a page of the admin, whatever the address says."""
    index = reverse("admin:index")
    wanted = request.POST.get(NEXT) or request.GET.get(NEXT) or ""
    # Browsers take `..` for a way up, also where its dots are escaped.
    leaves = ".." in unquote(wanted).split("?")[0].split("/") or not wanted.isprintable()
    inside = wanted.startswith(index) and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if inside and not leaves and wanted != reverse("admin:logout") else index
