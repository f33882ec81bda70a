"""Where the pages are; to be included under `digests/`."""

from django.urls import path

from pages.digests import digest_page, feed, stylesheet
from pages.unsubscribing import unsubscribe

urlpatterns = [
    path("feed.atom", feed, name="digests-feed"),
    path("style.css", stylesheet, name="pages-style"),
    path("<int:digest_id>", digest_page, name="digest-page"),
    path("unsubscribe/<str:token>", unsubscribe, name="unsubscribe"),
]
