"""Interpret column names. Names decide only what the values leave open."""

from __future__ import annotations

import re

_KEY = re.compile(
    "id|ids|uid|uuid|guid|pk|sku|isbn|ean|upc|gtin|identifier|handle|username|nickname|"
    "(?:item|product|order|post|doc|article|message|session|ticket|job|case|row|record)id"
)
_REFERENCE_NUMBER = re.compile("number|no|nr|num|nummer|code|key|ref|reference|index|idx|barcode")
_PERSON = re.compile(
    "(?:user|customer|author|member|client|person|patient|account|employee|student|reader|buyer|subscriber|"
    "reviewer|commenter|purchaser|guest|respondent|participant|assignee|requester|sender|recipient|login|"
    "kunde|kundin|nutzer|benutzer|autor|autorin|käufer|mitglied|mitarbeiter|konto|"
    "utilisateur|auteur|acheteur|membre|abonné|usuario|usuário|cliente|autore|comprador|miembro|paciente|"
    "utente|empleado|gebruiker|klant|пользователь|автор|клиент|покупатель|用户|作者|客户|会员|ユーザー|顧客)(?:id)?"
)
_NAME_OF_PERSON = re.compile(
    "username|nickname|screenname|surname|lastname|firstname|fullname|forename|vorname|nachname|prénom|prenom|"
    "apellidos?|cognome|sobrenome|voornaam|achternaam|имя|фамилия|姓名|氏名"
)
_KEY_OF_PERSON = re.compile(  # which of a person's keys or names
    "id|ids|uid|uuid|guid|name|names|first|last|full|nick|screen|display|number|no|nr|key|code|hash|ref|"
    "nom|nombre|nome|naam|nummer|numéro|número|e|mail|email|phone"
)
_NO_PERSON = re.compile("per|count|num|total|avg|mean|share")  # "orders per user" is a number
_CONTACT = re.compile(
    "e?mails?|phone|telephone|tel|mobile|cell|cellphone|fax|"
    "telefon|telefonnummer|handy|handynummer|téléphone|portable|teléfono|móvil|celular|telefone|correo|courriel|"
    "telefono|cellulare|telefoon|телефон|почта|电话|手机|邮箱|電話"
)
_POSITION = re.compile("lat|lats|latitude|lon|lng|long|longitude|latlng|latlon|gps|coordinates?|coords?|geo")
_POSTAL_CODE = re.compile(
    "zip|zipcode|postcode|postalcode|plz|postleitzahl|pincode|eircode|codepostal|cap|cep|postnummer|индекс|邮编|"
    "郵便番号"
)
_FIRST_NAME = re.compile("firstname|forename|vorname|prénom|prenom|voornaam|имя|given")
_LAST_NAME = re.compile(
    "surname|lastname|nachname|familienname|apellidos?|cognome|sobrenome|achternaam|фамилия|family"
)
_NICKNAME = re.compile("username|nickname|screenname|handle|nick|screen|login|user|display")
_MAYBE_PERSON = re.compile(
    "name|names|contact|host|owner|manager|doctor|physician|nurse|teacher|driver|passenger|applicant|candidate|tenant|"
    "agent|attorney|lawyer|representative|rep|lead|supervisor|instructor|speaker|victim|witness|suspect|nom|nombre|nome|"
    "naam|ansprechpartner|arzt|lehrer|fahrer"
)
_ADDRESS = re.compile(
    "address|addresses|street|adresse|anschrift|straße|strasse|dirección|direccion|calle|indirizzo|endereço|endereco|"
    "adres|rue|адрес|地址|住所"
)
_CATEGORY = re.compile(
    "category|categories|genre|topic|subject|department|section|product|theme|"
    "kategorie|rubrik|thema|categorie|catégorie|categoria|categoría|sujet|tema|категория|тема|类别|分类|カテゴリー?"
)


def tokens(name: str) -> list[str]:
    """The words of a name in lower case: "userID" and "user_id" are both user and id."""
    parted = re.sub(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return re.findall(r"[^\W_]+", parted.lower())


def means_key(name: str) -> bool:
    """Whether a name is that of a key, such as "id" or "orderId"."""
    person = any(word.endswith("id") and _PERSON.fullmatch(word) for word in tokens(name))
    return person or _any(name, _KEY)


def means_reference_number(name: str) -> bool:
    """Whether a name may be that of a running number, such as "invoice no"."""
    return any(map(_REFERENCE_NUMBER.fullmatch, tokens(name)[-1:]))


def mentions_person(name: str) -> bool:
    """Whether a name mentions a person at all, such as "parent author id"."""
    return _any(name, _PERSON) or _any(name, _NAME_OF_PERSON)


def means_person(name: str) -> bool:
    """Whether a name is that of a person: "reviewer", "userName", "created_by", but not "customer type"."""
    words = tokens(name)
    if any(map(_NO_PERSON.fullmatch, words)):
        return False
    if means_name_of_person(name):
        return True
    if {"first", "last"} & set(words) and "name" not in words:  # "last login" is a time
        return False
    core = [word for word in words if not _KEY_OF_PERSON.fullmatch(word)]
    return bool(core) and (_PERSON.fullmatch(core[-1]) is not None or (len(words) > 1 and words[-1] == "by"))


def means_name_of_person(name: str) -> bool:
    """Whether a name is that of a person's name, such as "last name" or "customer name"."""
    words = set(tokens(name))
    return (
        _any(name, _NAME_OF_PERSON)
        or ("name" in words and bool(words & {"first", "last", "full", "nick"}))
        or (bool(words & {"name", "nom", "nombre", "nome", "naam"}) and _any(name, _PERSON))
    )


def part_of_name(name: str) -> str | None:
    """Which part of a person's name a column is named after.

    Returns:
        "first name", "last name" or "name"; "person" where the name is only that of a person, such as "author";
        "maybe" where people are likely, such as "name" or "doctor"; None for all else, also nicknames.
    """
    words = tokens(name)
    if _any(name, _NICKNAME):
        return None
    if means_name_of_person(name):
        first, last = (
            ("first" in words or _any(name, _FIRST_NAME)),
            ("last" in words or _any(name, _LAST_NAME)),
        )
        return "name" if first == last else "first name" if first else "last name"
    if {"given", "family"} & set(words) and "name" in words:
        return "first name" if "given" in words else "last name"
    if means_person(name):
        return "person"
    return "maybe" if any(map(_MAYBE_PERSON.fullmatch, words[-1:])) else None


def means_address(name: str) -> bool:
    """Whether a name is that of a postal address or a street, but not "email address"."""
    return _any(name, _ADDRESS) and not set(tokens(name)) & {"mail", "email", "ip", "mac", "web", "url"}


def means_contact(name: str) -> bool:
    """Whether a name is that of contact data, such as "phone" or "e-mail"."""
    return _any(name, _CONTACT)


def means_position(name: str) -> bool:
    """Whether a name is that of a geographical position or a part of it, such as "lat"."""
    return _any(name, _POSITION)


def means_postal_code(name: str) -> bool:
    """Whether a name is that of a postal code, such as "zip" or "postal code"."""
    words = tokens(name)
    return _any(name, _POSTAL_CODE) or bool(
        {"postal", "postale", "post", "pin"} & set(words) and "code" in words
    )


def means_category(name: str) -> bool:
    """Whether a name says what the rows are about, such as "category" or "productType"."""
    return _any(name, _CATEGORY)


def _any(name: str, pattern: re.Pattern[str]) -> bool:
    return any(map(pattern.fullmatch, tokens(name)))
