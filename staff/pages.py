"""The base of all pages: a list and details that only read, and verbs beside them.

No model is ever saved, added or deleted by a form: Django's own ways to do so have neither address nor permission.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.contrib import messages
from django.contrib.admin import ModelAdmin, ShowFacets, SimpleListFilter
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property

from knowledge.access import permitted
from knowledge.errors import KnowledgeError
from knowledge.policy import VISIBLE
from staff.sign_in import viewer_of
from staff.verbs import Deed, Preview, Verb, refuse

if TYPE_CHECKING:
    from staff.site import StaffSite

    _ModelAdmin = ModelAdmin[Any]
    _Paginator = Paginator[Any]
else:
    # Django's have no type parameters when they run.
    _ModelAdmin, _Paginator = ModelAdmin, Paginator

COUNTED_MOST: Final = 10_000
SEARCHED_MOST: Final = 100
SAID_MOST: Final = 500
CONFIRMED: Final = "confirmed"


class FirstRows(_Paginator):
    """Pages of the first 10,000 rows: what comes later is found by filters, and need not be counted."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, 10,000 at most."""
        # Any: Django types the attribute for everything that can be paged.
        rows: Any = self.object_list
        number: int = rows.order_by()[:COUNTED_MOST].count()
        return number


class Page(_ModelAdmin):
    """A list, its rows in detail, and what can be done with them.

    `title` is what it is called, `related` what each row is read with, `list_verbs` what needs no row.
    """

    title: ClassVar[str]
    related: ClassVar[Sequence[str]] = ()
    verbs: ClassVar[Sequence[Verb]] = ()
    list_verbs: ClassVar[Sequence[Verb]] = ()

    actions = None
    paginator = FirstRows
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    sortable_by = ()
    view_on_site = False
    change_list_template = "staff/list.html"
    change_form_template = "staff/detail.html"
    admin_site: "StaffSite"

    # ── who may: staff see all pages, and nobody changes a row but by a verb ────────────────────────────────────────

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether it is staff that asks."""
        return self.admin_site.has_permission(request)

    has_module_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    # ── what is read ────────────────────────────────────────────────────────────────────────────────────────────────

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What the viewer may see, with the rows that it refers to."""
        seen = VISIBLE[self.model](viewer_of(request))
        return super().get_queryset(request).filter(seen).select_related(*self.related)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is shown is never a field of a form."""
        return self.fields

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """The rows that a short search finds: each word of it is a condition more."""
        return super().get_search_results(request, queryset, search_term[:SEARCHED_MOST])

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Whether an address may narrow the list by it: by declared filters alone, never by any column's beginning."""
        filters = (each for each in self.list_filter or () if isinstance(each, type))
        return lookup in {each.parameter_name for each in filters if issubclass(each, SimpleListFilter)}

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """No page is the pop-up of another's form."""
        return False

    # ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def get_urls(self) -> list[URLPattern]:
        """The list, the details, and a page for each verb."""
        named = self._model_name()
        page = self.admin_site.page
        verbs = [("", verb) for verb in self.list_verbs] + [("<int:key>/", verb) for verb in self.verbs]
        return [
            path("", page(self.changelist_view), name=f"{named}_changelist"),
            path("<int:key>/change/", page(self.detail), name=f"{named}_change"),
            *(
                path(f"{row}{verb.name}/", page(partial(self.do, verb=verb)), name=self._named(verb))
                for row, verb in verbs
            ),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Mapping[str, Any] | None = None) -> Any:
        """The list."""
        tools = [(verb.label, self._address(verb)) for verb in self.list_verbs]
        return super().changelist_view(request, {"title": self.title, "tools": tools})

    def detail(self, request: HttpRequest, key: int) -> Any:
        """A row, with what can be done with it."""
        return super().change_view(request, str(key))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any) -> Any:
        """The page of a row, whichever columns it shows."""
        row, viewer = options["obj"], viewer_of(request)
        tools = [
            (verb.label, self._address(verb, row.pk))
            for verb in self.verbs
            if verb.when(row) and permitted(row, viewer, verb.may)
        ]
        context.update(title=self.title, subtitle=self.named(row), tools=tools)
        context.update(list_title=self.title, list_address=self._place(None))
        return super().render_change_form(request, context, *args, **options)

    def do(self, request: HttpRequest, verb: Verb, key: int | None = None) -> HttpResponseBase:
        """A verb's page; posted, it does it, or tells why it was not done."""
        row = None if key is None else self.get_object(request, str(key))
        if row is None and key is not None:
            raise Http404
        if request.method != "POST":
            return self._verb_page(request, verb, row, verb.form(initial=verb.initial(row)))
        form = verb.form(request.POST)
        if not form.is_valid():
            return self._verb_page(request, verb, row, form)
        deed = Deed(viewer_of(request), row, form.cleaned_data, timezone.now())
        try:
            if verb.preview is not None and CONFIRMED not in request.POST:
                return self._preview_page(request, verb, deed, verb.preview(deed))
            done = verb.perform(deed)
        except KnowledgeError as error:
            refuse(form, error)
            return self._verb_page(request, verb, row, form)
        # The message goes into a cookie, which has its length.
        messages.success(request, done.said[:SAID_MOST])
        return HttpResponseRedirect(self._place(done.shown))

    # ── for the above ───────────────────────────────────────────────────────────────────────────────────────────────

    def named(self, row: Any) -> str:
        """What the row is called in headings."""
        return str(row)

    def _verb_page(
        self, request: HttpRequest, verb: Verb, row: Any, form: Form, preview: str | None = None
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": verb.label,
            "subtitle": None if row is None else self.named(row),
            "list_title": self.title,
            "list_address": self._place(None),
            "opts": self.opts,
            "back": self._place(None if row is None else row.pk),
            "verb": verb,
            "form": form,
            "preview": preview,
        }
        return TemplateResponse(request, "staff/verb.html", context)

    def _preview_page(self, request: HttpRequest, verb: Verb, deed: Deed, preview: Preview) -> TemplateResponse:
        """The second step: what was filled in is carried on, with what the preview found."""
        form = verb.form({**request.POST.dict(), **preview.carried})
        return self._verb_page(request, verb, deed.row, form, preview.said)

    def _place(self, key: int | None) -> str:
        named = f"admin:{self._model_name()}"
        return reverse(f"{named}_changelist") if key is None else reverse(f"{named}_change", args=[key])

    def _address(self, verb: Verb, key: int | None = None) -> str:
        return reverse(f"admin:{self._named(verb)}", args=[] if key is None else [key])

    def _named(self, verb: Verb) -> str:
        return f"{self._model_name()}_{verb.name}"

    def _model_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"
