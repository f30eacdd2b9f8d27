"""Secrets in configuration: masked by the name of a field and by the shape of a value."""

import json

import pytest
from hypothesis import given, strategies as st

from jira_pipeline.sharedo.packages import JsonValue
from jira_pipeline.sharedo.secret_masking import (
    is_masked,
    mask_secrets,
    mask_text,
    names_a_secret,
)
from jira_pipeline_tests.tables import each

KEY = b"a key of this installation"
SECRET = "Tr0ub4dor&3x"

SECRET_FIELDS = [
    "Password", "password", "SmtpPassword", "db_password", "PWD", "ClientSecret", "client-secret",
    "AccessToken", "refresh_token", "ApiKey", "APIKey", "apikey", "X-Api-Key", "ApiKey2",
    "SharedAccessKey", "AccountKey", "PrivateKey", "ConnectionString",
    "DefaultConnectionStringValue", "SasUrl", "Authorization", "Credentials", "PasswordHash",
    "SecretValue", "Passphrase", "smtpPass", "clientsecret", "accesstoken", "dbpwd", "ApiKeys",
    "PassWord", "ConnStr", "x-functions-key", "PasswordSalt", "BasicAuth", "SMTPPassword",
    "API_KEY",
]  # fmt: skip
PLAIN_FIELDS = [
    "SystemName", "PasswordExpiryDays", "TokenUrl", "SecretaryRole", "KeyDates", "Monkey",
    "TokenLifetime", "PassengerName", "AuthorizationUrl", "Title", "RequirePasswordReset",
    "Bypass", "Tokens", "CertificateThumbprint", "ClientId", "KeyFacts",
]  # fmt: skip
TEXTS = {
    "connection string": "Server=sql;User Id=app;Password={};Encrypt=true",
    "storage": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey={};EndpointSuffix=x",
    "query": "https://api.example.invalid/v1?api_key={}&page=2",
    "key of a function": "https://f.example.invalid/api/run?code={}",
    "signature": "https://a.example.invalid/c?sv=2022&sig={}",
    "user in an address": "https://admin:{}@example.invalid/path",
    "header": "Authorization: Bearer {}",
    "broken JSON": '{{"url": "x", "password": "{}", ',
    "escaped JSON": '{{\\"clientSecret\\": \\"{}\\"',
    "XML": "<config><smtpPassword>{}</smtpPassword></config>",
    "quoted with spaces": 'Server=sql;Pwd="{} and more";Encrypt=true',
    "with spaces": "Server=sql;Password={} and more;Encrypt=true",
    "YAML": "smtp:\n  host: mail\n  password: {}\n  port: 25",
    "escaped XML": "&lt;add password=&quot;{}&quot;/&gt;",
    "attribute": '<add key="x" password="{}"/>',
    "INI": "user = a\npwd = {}\nhost = b",
    "prose": "Sign in with password: {}",
}
SHAPES = {
    "web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
    "AWS": "AKIAABCDEFGHIJKLMNOP",
    "GitHub": "ghp_0123456789abcdefghijABCDEFGHIJ",
    "Slack": "xoxb-123456789012-abcdef",
    "Stripe": "sk_live_0123456789abcdef",
    "model": "sk-proj-0123456789abcdefghij",
    "Atlassian": "ATATT3xFfGF0abcdefghijklmnop",
    "random": "q7Vb2Xk9LmP4wZ8sTnR3yHc6JdF1gA5e",
    "PEM": "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----",
}
HARMLESS = (
    "lease-renewal-investigation-to-negotiation",
    "659ae508-4442-5bf2-83f8-88821483ff1c",
    "matterDisputeResolutionPhase2ToNegotiation",
    "https://hooks.example.invalid/data-request?page=12",
    "Reset your password: open the link we sent you.",
    "Basic information about the case",
    "if (password == null) { return; }",
    "https://x.example.invalid/a?code=matter-type&key=reference",
    "data/sharedo-type-lease-renewal-659ae508-4442-5bf2-83f8-88821483ff1c.json",
    "{{context.title}} – {reference}",
    "roles.case-owner.name",
)


@each("field", SECRET_FIELDS)
def test_a_field_whose_name_says_so_is_masked(field: str) -> None:
    masked = mask_secrets({field: SECRET, "Other": 1}, key=KEY)

    assert SECRET not in json.dumps(masked)
    assert isinstance(masked, dict)
    assert is_masked(masked[field])
    assert masked["Other"] == 1


@each("field", PLAIN_FIELDS)
def test_a_field_about_secrets_is_not_one(field: str) -> None:
    assert not names_a_secret(field)
    assert mask_secrets({field: "Case owner"}, key=KEY) == {field: "Case owner"}


@each("value", ["", "{{secrets.smtp}}", "${SMTP}", "***", "#{Smtp}#", None, True])
def test_what_only_names_a_secret_stays(value: str | bool | None) -> None:
    assert mask_secrets({"Password": value}, key=KEY) == {"Password": value}


@each("template", TEXTS.values(), ids=TEXTS)
def test_a_secret_within_text_is_masked_and_the_text_stays(template: str) -> None:
    text = template.format("Tr0ub4dor3x")

    masked = mask_text(text, key=KEY)

    before, after = template.removesuffix(" and more").format("\0").split("\0")
    assert "Tr0ub4dor3x" not in masked
    assert "and more" not in masked
    assert masked.startswith(before)
    assert masked.endswith(after.replace(" and more", ""))


@each(
    "text",
    [
        "Server=sql;Password=Tr0u&b4d'or@3x;Encrypt=true",
        "https://admin:Tr0u@b4dor@example.invalid/a",
    ],
    ids=["connection string", "address"],
)
def test_a_secret_with_signs_in_it_is_masked_to_its_end(text: str) -> None:
    masked = mask_text(text.replace("'", ""), key=KEY)

    assert not any(part in masked for part in ("Tr0u", "b4d", "or@", "3x"))


@each("secret", SHAPES.values(), ids=SHAPES)
def test_a_value_of_a_known_shape_is_masked_wherever_it_is(secret: str) -> None:
    masked = mask_secrets({"Note": f"It is {secret} today", secret: [secret]}, key=KEY)

    assert secret.splitlines()[-2 if "\n" in secret else 0] not in json.dumps(masked)


@each("text", HARMLESS)
def test_configuration_that_is_no_secret_stays_as_it_is(text: str) -> None:
    assert mask_secrets({"Value": text, "Key": text}, key=KEY) == {"Value": text, "Key": text}


def test_a_value_beside_the_name_of_a_secret_is_masked() -> None:
    settings: JsonValue = [
        {"Name": "SmtpPassword", "Value": SECRET},
        {"key": "host", "value": "mail.example.invalid"},
    ]

    masked = mask_secrets(settings, key=KEY)

    assert SECRET not in json.dumps(masked)
    assert isinstance(masked, list)
    assert masked[1] == {"key": "host", "value": "mail.example.invalid"}


@each(
    "marked",
    [{"type": "password"}, {"IsSecret": True}, {"sensitive": True}, {"inputType": "Password"}],
    ids=["type", "flag", "small flag", "input"],
)
def test_a_value_that_is_marked_as_secret_is_masked(marked: dict[str, JsonValue]) -> None:
    masked = mask_secrets({**marked, "label": "Mailbox", "value": SECRET}, key=KEY)

    assert isinstance(masked, dict)
    assert is_masked(masked["value"])
    assert masked["label"] == "Mailbox"


def test_everything_under_a_secret_is_masked() -> None:
    masked = mask_secrets({"Credentials": {"user": "app", "pin": 4711, "list": [SECRET]}}, key=KEY)

    assert not any(part in json.dumps(masked) for part in ("app", "4711", SECRET))


def test_a_field_named_key_is_masked_only_where_its_value_is_random() -> None:
    values: JsonValue = {
        "EncryptingKey": "a1B2c3D4e5F6g7H8",
        "RowKey": "case-owner",
        "TypeKey": "data-request-2",
    }

    masked = mask_secrets(values, key=KEY)

    assert isinstance(masked, dict)
    assert is_masked(masked.pop("EncryptingKey"))
    assert masked == {"RowKey": "case-owner", "TypeKey": "data-request-2"}


def test_the_same_secret_looks_the_same_and_another_does_not() -> None:
    first, same, other = (
        mask_secrets({"Password": secret}, key=KEY) for secret in (SECRET, SECRET, "another")
    )

    assert first == same
    assert first != other
    assert first != mask_secrets({"Password": SECRET}, key=b"another installation")


def test_masking_twice_changes_nothing() -> None:
    value: JsonValue = {
        "Password": SECRET,
        "Note": "; ".join(t.format(SECRET) for t in TEXTS.values()),
    }

    once = mask_secrets(value, key=KEY)

    assert mask_secrets(once, key=KEY) == once


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_value_keeps_its_form(value: JsonValue) -> None:
    masked = mask_secrets(value, key=KEY)

    assert type(masked) is type(value)


@each(
    "piece",
    [
        "password",
        "eyJ",
        "a.",
        "-----BEGIN PRIVATE KEY-----",
        "://",
        "password:",
        "<a",
        "bearer ",
        "=A1b",
    ],
)
def test_long_text_takes_no_quadratic_time(piece: str) -> None:
    """Counted, not timed: a pattern that scans on from each place would not end within the suite."""
    text = piece * (200_000 // len(piece))

    assert len(mask_text(text, key=KEY)) > 0


STEMS = st.sampled_from(
    ["form-Intake", "LEASE_Frm_Renewal", "Doc2024_Notice", "sharedo-workflow-LW_Wf1", "x", "Q1_Q2"]
)
ENDINGS = st.sampled_from(["", ".json", "-Copy2.docx", "_V2"])


GUIDS = st.uuids().flatmap(
    lambda found: st.sampled_from([str(found), str(found).upper(), found.hex, found.hex.upper()])
)


@given(stem=STEMS, guid=GUIDS, ending=ENDINGS)
@pytest.mark.parametrize("field", ["StorageFilename", "SystemName", "FormKey", "Key", "Anything"])
def test_a_name_with_a_guid_is_never_masked(field: str, stem: str, guid: str, ending: str) -> None:
    """A part of a package was not found: its name, with a GUID in it, was taken for a secret."""
    name = f"{stem}-{guid}{ending}"

    assert mask_secrets({field: name}, key=KEY) == {field: name}
    assert mask_text(f"see {name}.", key=KEY) == f"see {name}."


@given(st.text("abcdefABCDEF0123456789xyzXYZ", min_size=32, max_size=60))
def test_a_system_name_is_never_masked_for_looking_random(name: str) -> None:
    assert mask_secrets({"FormSystemName": name}, key=KEY) == {"FormSystemName": name}


def test_a_secret_beside_a_guid_is_masked() -> None:
    secret = "7aQ9zX2pL8vB4nM6kJ1hG5fD3sA0wE9rT"

    text = mask_text(f"{secret} 6f9619ff-8b86-4d01-b42d-00c04fc964ff", key=KEY)

    assert secret not in text
    assert "6f9619ff-8b86-4d01-b42d-00c04fc964ff" in text
