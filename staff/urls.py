"""What there is in the admin, in its order; `site.urls` goes under admin/."""

from typing import Final

from staff import audit, deliveries, digests, sources, tags, users
from staff.site import StaffSite

PAGES: Final = (users.PAGE, tags.PAGE, sources.PAGE, digests.PAGE, deliveries.PAGE, audit.PAGE)
site: Final = StaffSite(dict(PAGES))
