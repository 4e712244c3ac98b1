# Two commands from a bare clone: `make demo` and `make test`. They need Python 3.11+ and make.
PYTHON ?= python3
EXTRAS ?= neural,minilm
# One process a core, whole files each, so that what a file's tests share is made once.
PYTEST_WORKERS ?= -n logical --maxprocesses 4 --dist loadfile
VENV := .venv
BIN := $(VENV)/bin
comma := ,
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: demo test check clean

demo: $(VENV)/.demo
	$(BIN)/narrashift demo --out demo-case

test: $(VENV)/.test
	$(BIN)/python -m pytest $(PYTEST_WORKERS) $(PYTEST_ARGS)

check: $(VENV)/.dev
	scripts/check

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# $(1) extras; the stamp is newer than the files that say what to install.
define install
$(PIP) install -c constraints.txt -e ".$(if $(1),[$(1)])"
@touch $@
endef

$(VENV)/.demo: $(BIN)/python pyproject.toml constraints.txt
	$(call install,$(EXTRAS))

$(VENV)/.test: $(BIN)/python pyproject.toml constraints.txt
	$(call install,test)

$(VENV)/.dev: $(BIN)/python pyproject.toml constraints.txt
	$(call install,dev)

clean:
	rm -rf $(VENV) demo-case dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
