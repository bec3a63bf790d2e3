"""Settings: from the environment (MEDSYNTH_*), `.env` and `medsynth.toml`, in that order of precedence.

Put here: what a user may set, with its default and meaning. Not here: prices and thresholds, which are
data files with reasons beside them.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from medsynth_assets.errors import ConfigError

PROJECT = Path(__file__).resolve().parent.parent


class AgentModels(BaseModel):
    """A model per agent; an empty one falls back to `openai_model`."""

    scenario_provider: str = ""
    scenario_judge: str = ""
    note_writer: str = ""
    note_polisher: str = ""
    dialogue_generator: str = ""
    dialogue_polisher: str = ""


class AgentTemperatures(BaseModel):
    """MedSynth's temperatures."""

    scenario_provider: float = 1.0
    scenario_judge: float = 0.0
    note_writer: float = 0.9
    note_polisher: float = 0.0
    dialogue_generator: float = 0.7
    dialogue_polisher: float = 0.5


class Price(BaseModel):
    """US dollars per million tokens."""

    input: float = Field(ge=0)
    cached_input: float = Field(ge=0)
    output: float = Field(ge=0)


EngineName = Literal["offline", "openai", "openai-batch"]

_EmptyIsNone = BeforeValidator(lambda value: value or None)


class Settings(BaseSettings):
    """Everything a user may set. Each field is `MEDSYNTH_` + its name in capitals in the environment."""

    model_config = SettingsConfigDict(
        env_prefix="MEDSYNTH_",
        env_file=".env",
        toml_file="medsynth.toml",
        env_nested_delimiter="__",
        extra="ignore",
        frozen=True,
    )

    warehouse: Path = Field(
        PROJECT / "data" / "medsynth.duckdb", description="the DuckDB file; or ducklake:postgres:..."
    )
    lake: str = Field("", description="the DuckLake; MEDSYNTH_WAREHOUSE=ducklake:postgres:dbname=... host=... sets it")
    data_path: str = Field(
        "", description="where a DuckLake keeps its Parquet: a folder that all machines see, or s3://"
    )
    side_files: Path = Field(
        PROJECT / "data", description="with a DuckLake: the folder of what this machine keeps for itself"
    )
    lake_keep_days: float = Field(7.0, ge=0, description="how long a DuckLake's superseded files and snapshots stay")
    prevalence: Annotated[str | None, _EmptyIsNone] = Field(
        None,
        description="a prevalence table of your own (.csv or .parquet: code and count or weight): a file, a folder of"
        " releases named by date, or a URL",
    )
    prevalence_basis: Literal["any_listed", "first_listed"] = Field(
        "any_listed", description="count every listed diagnosis, or only the reason for the visit"
    )
    top_codes: int = Field(2000, ge=1, description="how many of the most prevalent codes are partitions")
    per_code: int = Field(5, ge=1, le=999, description="records per code")
    seed: int = Field(20251121, description="same seed, same settings, offline: the same records")
    engine: EngineName = Field("offline", description="what answers the agents")
    judge_rounds: int = Field(4, ge=1, le=20, description="attempts a slot before quarantine")
    max_partitions_per_run: int = Field(200, ge=1, description="codes per run of a backfill")
    concurrency: int = Field(32, ge=1, le=4096, description="requests under way at once")
    lease_s: float = Field(60.0, ge=1, description="how long a silent process keeps the slots that it was making")
    lock_timeout_s: float = Field(120.0, gt=0, description="how long to wait for the warehouse file")

    explorer_token: Annotated[SecretStr | None, _EmptyIsNone] = Field(
        None, description="asked of who opens the explorer; required to bind it beyond this machine"
    )

    retry_hours: float = Field(
        1.0, ge=0, description="a failed slot is due again after this, doubled with every failure"
    )
    retry_hours_most: float = Field(720.0, ge=0, description="the longest that a failed slot waits")
    refresh_ttl_days: float = Field(0, ge=0, description="records older than this are made again; 0: never")
    refresh_budget_usd: float = Field(0, ge=0, description="most US dollars of a refresh; 0: no limit")
    refresh_budget_tokens: int = Field(0, ge=0, description="most tokens of a refresh; 0: no limit")
    refresh_max_records: int = Field(0, ge=0, description="most slots of a refresh; 0: no limit")
    refresh_until: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")] = Field(
        "", description="local time (06:00) after which a refresh begins nothing"
    )

    refresh_cron: str = Field("0 2 * * *", description="when the scheduled refresh starts")
    refresh_timezone: str = Field("UTC", description="of refresh_cron, as Europe/Vienna")
    refresh_scheduled: bool = Field(False, description="switch the schedule on without a click in the UI")
    notify: str = Field(
        "log", description="who is told of failed runs and spent budgets: log, webhook, or package.module:function"
    )
    notify_url: Annotated[str | None, _EmptyIsNone] = Field(None, description="where the webhook posts its JSON")

    openai_base_url: str = Field(
        "https://api.openai.com/v1", validation_alias="OPENAI_BASE_URL", description="any OpenAI-compatible endpoint"
    )
    openai_api_key: SecretStr | None = Field(None, validation_alias="OPENAI_API_KEY", description="its key")
    openai_model: str = Field("gpt-4o", description="model for every agent without one of its own")
    models: AgentModels = Field(default_factory=AgentModels, description="a model per agent")
    temperatures: AgentTemperatures = Field(default_factory=AgentTemperatures, description="per agent")
    batch_requests: int = Field(50_000, ge=1, le=50_000, description="most requests in one batch of openai-batch")
    batch_poll_s: int = Field(60, ge=30, description="how often the sensor asks for open batches")
    max_output_tokens: int = Field(8000, ge=256, description="longest answer")
    request_timeout_s: float = Field(120.0, gt=0, description="a request is given up after this")
    max_retries: int = Field(6, ge=0, description="tries after a transport fault, 429 or 5xx")
    grounding: Literal["none", "knowledge"] = Field(
        "knowledge", description="whether prompts carry facts of the knowledge base and the official terms"
    )
    grounding_tokens: int = Field(1200, ge=100, description="most tokens of such facts in a prompt")
    prices: dict[str, Price] = Field(
        default_factory=dict, description="US dollars per million tokens by model; adds to prices.toml"
    )

    @model_validator(mode="before")
    @classmethod
    def _tell_lake_from_file(cls, given: dict[str, Any]) -> dict[str, Any]:
        """A lake leaves `warehouse` to the files that this machine keeps beside it."""
        name = str(given.get("warehouse", ""))
        if not name.startswith("ducklake:"):
            return given
        beside = Path(given.get("side_files") or PROJECT / "data")
        return {**given, "lake": name, "warehouse": beside / "lake.duckdb"}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, dotenv_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def data_docs_folder(self) -> Path:
        """Where `medsynth data-docs` writes, beside the warehouse."""
        return self.warehouse.parent / f"{self.warehouse.stem}.data_docs"

    @property
    def snapshot_file(self) -> Path:
        """Where `medsynth snapshot` and the asset write, beside the warehouse."""
        return self.warehouse.with_suffix(".snapshot.duckdb")


@cache
def load_settings() -> Settings:
    """The settings of this process. Raises ConfigError naming the setting and what it wanted."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "__".join(str(part) for part in first["loc"]).upper()
        name = name if name.startswith(("OPENAI", "MEDSYNTH")) else f"MEDSYNTH_{name}"
        raise ConfigError(f"{name} is set to {first['input']!r}: {first['msg']}") from error
    except ValueError as error:  # a medsynth.toml that is not TOML
        raise ConfigError(f"medsynth.toml cannot be read: {error}") from error
