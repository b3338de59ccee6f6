"""Opens the language model that settings name: behind an endpoint or on this machine, counted, its answers kept."""

from oped.llm.address import Key
from oped.llm.cache import CachedModel
from oped.llm.endpoint import EndpointModel, EndpointOptions
from oped.llm.meter import Meter, MeteredModel
from oped.llm.model import LanguageModel
from oped.llm.patience import Patience
from oped.llm.settings import LanguageModelSettings


def open_language_model(
    settings: LanguageModelSettings, *, meter: Meter | None = None, key: Key | None = None, device: str = "auto"
) -> LanguageModel:
    """The language model of some settings, with its store of answers around it.

    Args:
        meter: counts what is used; default: one of its own, with the prices and the bound of the settings.
        key: of the service; default: what stands in OPED_LLM_API_KEY.
        device: where a model on this machine runs: auto, cpu, cuda or mps.

    Raises:
        ConfigError: the endpoint is no address, or would be asked unencrypted.
        ModelError: there is no such model on this machine.
        MissingExtraError: the model runs on this machine, and the extra `llm` is not installed.
    """
    meter = meter or Meter(settings.prices, settings.max_tokens_total)
    model, identity = _open(settings, key, device)
    metered = MeteredModel(model, meter)
    store = settings.store
    return metered if store is None else CachedModel(metered, store, identity=identity, meter=meter)


def _open(settings: LanguageModelSettings, key: Key | None, device: str) -> tuple[LanguageModel, str]:
    """The bare model, and what its answers are kept under."""
    if not settings.endpoint:
        from oped.llm.local import LocalModel

        local = LocalModel(settings.model, window=settings.window, logprobs=settings.logprobs, device=device)
        return local, local.identity
    options = EndpointOptions(
        timeout=settings.timeout,
        concurrency=settings.concurrency,
        patience=Patience(retries=settings.retries),
        window=settings.window,
        logprobs=settings.logprobs,
        insecure=settings.insecure,
    )
    endpoint = EndpointModel(settings.model, settings.endpoint, options=options, key=key)
    return endpoint, endpoint.name + (" with logprobs" if settings.logprobs else "")
