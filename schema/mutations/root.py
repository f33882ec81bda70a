"""The roots of writing."""

from __future__ import annotations

import graphene

from schema.identity import accounts, sessions
from schema.identity import mutations as identity
from schema.mutations import (
    archive,
    challenges,
    digests,
    documents,
    entries,
    members,
    reactions,
    reviews,
    solutions,
    tags,
)


class RootMutation(graphene.ObjectType):
    """Everything that can be changed. Object first, then the verb."""

    class Meta:
        name = "Mutation"

    token_auth = identity.ObtainJSONWebToken.Field()
    verify_token = identity.Verify.Field()
    refresh_token = identity.Refresh.Field()
    revoke_token = identity.Revoke.Field()
    session_revoke = sessions.SessionRevoke.field()
    session_revoke_all = sessions.SessionRevokeAll.field()
    personal_access_token_create = sessions.PersonalAccessTokenCreate.field()
    personal_access_token_revoke = sessions.PersonalAccessTokenRevoke.field()

    account_register = identity.AccountRegister.field()
    email_confirm = accounts.EmailConfirm.field()
    account_update = accounts.AccountUpdate.field()
    password_change = accounts.PasswordChange.field()
    password_reset_request = accounts.PasswordResetRequest.field()
    password_reset = accounts.PasswordReset.field()

    entry_create = entries.EntryCreate.field()
    entry_update = entries.EntryUpdate.field()
    entry_submit = entries.EntrySubmit.field()
    entry_withdraw = entries.EntryWithdraw.field()
    revision_discard = entries.RevisionDiscard.field()
    entry_review = reviews.EntryReview.field()
    entry_archive = archive.EntryArchive.field()
    entry_restore = archive.EntryRestore.field()
    entry_delete = archive.EntryDelete.field()

    challenge_create = challenges.ChallengeCreate.field()
    challenge_update = challenges.ChallengeUpdate.field()
    challenge_close = challenges.ChallengeClose.field()
    challenge_reopen = challenges.ChallengeReopen.field()
    challenge_delete = challenges.ChallengeDelete.field()
    solution_create = solutions.SolutionCreate.field()
    solution_update = solutions.SolutionUpdate.field()
    solution_delete = solutions.SolutionDelete.field()
    solution_accept = solutions.SolutionAccept.field()
    solution_unaccept = solutions.SolutionUnaccept.field()

    vote_cast = reactions.VoteCast.field()
    bookmark_add = reactions.BookmarkAdd.field()
    bookmark_remove = reactions.BookmarkRemove.field()

    tag_create = tags.TagCreate.field()
    tag_update = tags.TagUpdate.field()
    tag_merge = tags.TagMerge.field()
    tag_delete = tags.TagDelete.field()

    document_import = documents.DocumentImport.field()
    source_review = reviews.SourceReview.field()
    digest_request = digests.DigestRequest.field()
    digest_retry = digests.DigestRetry.field()
    digest_subscribe = digests.DigestSubscribe.field()
    digest_unsubscribe = digests.DigestUnsubscribe.field()

    user_set_role = members.UserSetRole.field()
    user_deactivate = members.UserDeactivate.field()
    user_reactivate = members.UserReactivate.field()
