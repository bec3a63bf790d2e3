"""Settings: from the environment (MEDSYNTH_*), `.env` and `medsynth.toml`, in that order of precedence.

Put here: what a user may set, with its default and meaning. Not here: prices and thresholds, which are
data files with reasons beside them; `prices` and `checks` go over those.
"""

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator
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
    dialogue_planner: str = ""
    role_doctor: str = ""
    role_patient: str = ""


class AgentTemperatures(BaseModel):
    """MedSynth's temperatures; those of NoteChat's planner and roles go by the kind of their work."""

    scenario_provider: float = 1.0
    scenario_judge: float = 0.0
    note_writer: float = 0.9
    note_polisher: float = 0.0
    dialogue_generator: float = 0.7
    dialogue_polisher: float = 0.5
    dialogue_planner: float = 0.0
    role_doctor: float = 0.7
    role_patient: float = 0.7


class Price(BaseModel):
    """US dollars per million tokens."""

    input: float = Field(ge=0)
    cached_input: float = Field(ge=0)
    output: float = Field(ge=0)


class CheckSetting(BaseModel):
    """What a user sets of a check: its limit (one for each name where it has two), its severity. None: as its suite has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: float | dict[str, float] | None = None
    severity: Literal["critical", "warning"] | None = None


LANGUAGE_TAG = r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$"  # the tags of RFC 5646 that people use
StrategyName = Literal["medsynth", "notechat"]
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
    dialogue_strategy: StrategyName = Field(
        "medsynth", description="how dialogues are made: generate and polish, or plan, role-play and polish (NoteChat)"
    )
    dialogue_language: Annotated[str, Field(pattern=LANGUAGE_TAG)] = Field(
        "en", description="BCP 47 tag of what dialogues are in: en, fr, de, zh, nl, ar, ...; offline only en"
    )
    jury_models: str = Field("", description="judge models of the asset jury_verdicts, comma-separated")
    judge_rounds: int = Field(4, ge=1, le=20, description="attempts a slot before quarantine")
    max_partitions_per_run: int = Field(1_000, ge=1, description="codes per run of a backfill")
    concurrency: int = Field(32, ge=1, le=4096, description="requests under way at once")
    lease_s: float = Field(60.0, ge=1, description="how long a silent process keeps the slots that it was making")
    lock_timeout_s: float = Field(120.0, gt=0, description="how long to wait for the warehouse file")

    releases: Annotated[Path | None, _EmptyIsNone] = Field(
        None, description="folder of the asset dataset_release; `releases` beside the warehouse without it"
    )
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
    request_timeout_s: float = Field(
        120.0, gt=0, description="a request is given up after this; sooner where answers take far less"
    )
    max_retries: int = Field(6, ge=0, description="tries after a transport fault or 5xx; ten times as many after 429s")
    requests_per_minute: int = Field(
        0, ge=0, description="most requests a minute; 0: as the endpoint tells, or its 429s let guess"
    )
    tokens_per_minute: int = Field(0, ge=0, description="most tokens a minute; 0: as the endpoint tells")
    hedge_after: float = Field(
        0.0, ge=0, description="ask a straggler again after so many usual latencies; 0: never. May be paid twice"
    )
    outage_s: float = Field(120.0, ge=0, description="how long an endpoint may be down before the run ends")
    request_headers: bool = Field(
        True, description="say in X-Medsynth-Record and X-Medsynth-Agent what a request is for"
    )
    grounding: Literal["none", "knowledge"] = Field(
        "knowledge", description="whether prompts carry facts of the knowledge base and the official terms"
    )
    grounding_tokens: int = Field(1200, ge=100, description="most tokens of such facts in a prompt")
    prices: dict[str, Price] = Field(
        default_factory=dict, description="US dollars per million tokens by model; adds to prices.toml"
    )

    checks: dict[str, CheckSetting] = Field(
        default_factory=dict,
        description='limit and severity of checks by "asset.check"; the others as in expectations/',
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

    def with_dialogues(self, strategy: str, language: str) -> "Settings":
        """With another way of making dialogues, or another language of them; '' keeps what is set. Raises ConfigError."""
        if language and not re.match(LANGUAGE_TAG, language):
            raise ConfigError(f"dialogue_language is {language!r}; wanted a BCP 47 tag, as fr or zh-Hant")
        changed = {"dialogue_strategy": strategy, "dialogue_language": language}
        return self.model_copy(update={name: value for name, value in changed.items() if value})

    @property
    def catalog(self) -> str:
        """libpq's connection string of the PostgreSQL that keeps a lake's catalog; '' without a lake."""
        return self.lake.removeprefix("ducklake:postgres:")

    @property
    def releases_folder(self) -> Path:
        """Where the asset dataset_release writes."""
        return self.releases or self.warehouse.parent / "releases"

    @property
    def report_folder(self) -> Path:
        """Where `medsynth report` and the asset quality_report write, beside the warehouse."""
        return self.warehouse.parent / f"{self.warehouse.stem}.report"

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
