"""The address and the key of a language model's service, checked before anything is sent."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from oped.errors import ConfigError
from oped.llm.chat import PATH

KEY = "OPED_LLM_API_KEY"
ENDPOINT = "OPED_LLM_ENDPOINT"
_PORTS = {"http": 80, "https": 443}
# A shorter one is a placeholder such as "none", which may well be a word of an answer.
_LEAST_SECRET = 12
_HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a service is asked.

    Attributes:
        origin: scheme, host and port.
        path: of chat completions.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")

    @property
    def url(self) -> str:
        return self.origin + self.path

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine itself."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def check_address(endpoint: str, *, insecure: bool = False) -> Address:
    """An endpoint, taken apart.

    Args:
        endpoint: base of the service, such as http://127.0.0.1:8000/v1.
        insecure: lets what is sent travel unencrypted to another machine.

    Raises:
        ConfigError: it is no such address, or would be asked unencrypted.
    """
    wanted = "expected an endpoint such as http://127.0.0.1:8000/v1"
    try:
        parts = urlsplit(endpoint.strip())
        host, port = parts.hostname or "", parts.port
        host = host if ":" in host else host.encode("idna").decode("ascii")
    except ValueError:
        raise ConfigError(f"{wanted}, found a malformed address") from None
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigError(f"{wanted}, without a user, a query or a fragment; a key stands in {KEY} alone")
    if parts.scheme not in _PORTS or not host or not endpoint.isprintable() or " " in endpoint.strip():
        raise ConfigError(f"{wanted}, found {endpoint!r}")
    path = parts.path.rstrip("/").removesuffix(PATH) + PATH
    address = Address(parts.scheme, host, port or _PORTS[parts.scheme], path)
    if address.scheme == "http" and not address.is_loopback and not insecure:
        raise ConfigError(
            f"{address.origin}: articles and key would travel unencrypted; use https://, or allow it with insecure"
        )
    return address


class Key:
    """The key of a service; it shows itself to nothing but the header that it is sent in.

    Raises:
        ConfigError: it has characters that no key has.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value.strip()
        if not (self._value.isascii() and self._value.isprintable()) or " " in self._value:
            raise ConfigError(f"{KEY}: expected a key of letters, digits and signs, without spaces")

    def __repr__(self) -> str:
        return f"Key({_HIDDEN!r})" if self._value else "Key('')"

    def __reduce__(self) -> str:
        raise TypeError("a key is not written down; another process takes it from its environment")

    def header(self) -> dict[str, str]:
        """What is sent with a request."""
        return {"Authorization": f"Bearer {self._value}"} if self._value else {}

    def hide(self, data: bytes) -> bytes:
        """Bytes from a service without the key, should it send the key back."""
        return data.replace(self._value.encode(), _HIDDEN.encode()) if len(self._value) >= _LEAST_SECRET else data


def key_from(environment: Mapping[str, str] | None = None) -> Key:
    """The key that stands in the environment; there may be none."""
    return Key((os.environ if environment is None else environment).get(KEY, ""))
