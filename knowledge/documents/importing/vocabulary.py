"""Names that the field writes in several ways: spellings that no rule could know to be one.

Each line is a tag's name and what else it is called. A tag that an import makes is born with its other names; from then
on they are the tag's aliases like any others, which staff change in the API or the admin. What staff decided comes
first: a name that leads to a tag leads there, whatever is written here. What only differs in spaces, hyphens, dots,
case, accents or a plural needs no line: see `knowledge.services.spellings`.
"""

from typing import Final

__all__ = ["OTHER_NAMES"]

_LINES: Final = """
PostgreSQL: Postgres, PSQL
MySQL: MySQL Database
MongoDB: Mongo
Kubernetes: K8s
JavaScript: JS, ECMAScript
TypeScript: TS
Node.js: Node
Next.js: Next
React: React.js
Vue: Vue.js
Angular: Angular.js
Express: Express.js
Go: Golang
Python: Python Programming, Python Language
Django: Django Framework, Django Web Framework
Django REST Framework: DRF, Django REST, Django Rest API
REST API: RESTful API, REST, RESTful, RESTful Web Service
CI/CD: CI/CD Pipeline, Continuous Integration and Deployment, Continuous Integration and Delivery
Continuous Integration: CI
GitHub Actions: GH Actions
Version Control: Source Control, Version Control System
Object-Relational Mapping: ORM
JSON Web Token: JWT, JWT Token
OAuth 2.0: OAuth2
Swagger: Swagger UI
OpenAPI: OpenAPI Specification
Amazon Web Services: AWS, Amazon AWS
Google Cloud Platform: GCP, Google Cloud
Microsoft Azure: Azure
Nginx: Engine X
Object-Oriented Programming: OOP
Test-Driven Development: TDD
Asynchronous Programming: Async Programming, Asynchronous Programing
Database Design: Database Schema Design
Visual Studio Code: VS Code
Tailwind CSS: Tailwind
Bash: Bash Scripting
Linux: GNU/Linux
"""

# What a tag is called besides, by its name.
OTHER_NAMES: Final[dict[str, tuple[str, ...]]] = {
    name: tuple(others.split(", ")) for name, others in (line.split(": ") for line in _LINES.strip().splitlines())
}
