"""The roots of writing."""

from __future__ import annotations

import graphene

from schema.identity import mutations as identity
from schema.mutations import challenges, digests, documents, entries, members


class RootMutation(graphene.ObjectType):
    """Everything that can be changed. Object first, then the verb."""

    class Meta:
        name = "Mutation"

    token_auth = identity.ObtainJSONWebToken.Field()
    verify_token = identity.Verify.Field()
    refresh_token = identity.Refresh.Field()
    revoke_token = identity.Revoke.Field()
    account_register = identity.AccountRegister.field()

    entry_create = entries.EntryCreate.field()
    entry_update = entries.EntryUpdate.field()
    entry_submit = entries.EntrySubmit.field()
    entry_review = entries.EntryReview.field()

    challenge_create = challenges.ChallengeCreate.field()
    solution_create = challenges.SolutionCreate.field()
    solution_accept = challenges.SolutionAccept.field()

    document_import = documents.DocumentImport.field()
    digest_request = digests.DigestRequest.field()

    user_set_role = members.UserSetRole.field()
    user_deactivate = members.UserDeactivate.field()
    user_reactivate = members.UserReactivate.field()
