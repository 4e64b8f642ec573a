# make demo     serve the hub, its worker, three portals, an API and the SMS inbox; GUIDE=1: the guide to the letter;
#               PORT=9000: the hub there, the others on the next four; FOLDER=var/other: its files there
# make test     everything that CI checks
# make check    its fast part: style, types, contracts, and the tests of architecture, rules and settings
# make format   put the code into the house's form
# make translations  bring the translators' catalogue up to date: new sentences in, old ones out
# make trial    try the sample portals with every case of `idp portals try`, those of scripts in Chromium (minutes)
# make recipes  build the portal of each page of docs/integrate/recipes from its registry's packages, and sign in
#               there; prints the versions. ONLY="flask go-oidc": these
# make pictures  take the guide's pictures of the screens anew
# make screenshots  take every page and state into docs/generated/screens, with contact sheet and README picture;
#               OF=account/security: these again
# make stories  write down what each persona reads
# make openapi   write docs/generated/openapi.json anew, from the routes and the checks
# make fuzz      try EXAMPLES=5600 requests of each kind on every endpoint and page; prints its SEED, which repeats it
# make mutation  change the rules of idp/domain one small thing at a time: do its tests notice?
#               OF=idp.domain.people.mobile*: these again (docs/develop/mutation.md)
# make unmeasured  find the tests that add nothing to the coverage, which then run unmeasured (a quarter of an hour)
# make enumeration-report  SAMPLES=2000: compare what every public page answers to national IDs of each kind
# make races    run each race of sixteen 200 times, on PostgreSQL, with Redis flushed meanwhile, and on SQLite;
#               kill the worker at 102 points of a case, and half of four workers among a thousand jobs;
#               the certification's tests on both stores
# make faults   kill, stop, cut and fill what the hub stands on, under load, and judge that nothing is lost: FAULTS="F01 F09"
#               KILLS=200 SECONDS=5 (each) SEED=… (printed); RECORD=1: write docs/generated/faults.md
# make cluster   three nodes behind nginx, each machine a network namespace (as root): kill a node, pull its line out, cut it
#               off from Redis and PostgreSQL while citizens sign in; EVENTS=Redis (titles with that word) SECONDS=20 (each)
#               CITIZENS=16 SEED=… (printed); RECORD=1: write docs/generated/cluster.md
# make versions  the version before on those three nodes, replaced by this one under load, node by node, and back: BEFORE=v0.3,
#               else the last commit before the newest migration; RECORD=1: write docs/generated/versions.md
# make image-steps  run the Containerfile's steps without a container engine, in roots laid over this machine's (as root)
# make flood-report  measure what a flood of passwords does to everybody else
# make nodes    stop, kill and replace PostgreSQL under a node in every way; two nodes; the version before beside this
#               one: BEFORE=v0.3, else the last commit before the newest migration
# make leak-drill  end the sessions of everybody, SESSIONS=1000000 of them: how long does it take? A_SECOND=50: with
#               logout tokens for portals, so many a second
# make crowd    let thousands behind one address come within an hour, strangers among them: CITIZENS=3000
#               NEIGHBOURS=20 (behind that address) ELSEWHERE=200; writes docs/generated/crowd.md
# make rotation  rotate the signing keys two hundred times, every 0.6 s in three processes, while portals verify tokens
# make profile   what each operation says to PostgreSQL and Redis, and where its CPU goes: ONLY="refresh sign_in"
#               SECONDS=3 (of CPU each)
# make bench     measure the CPU of each operation beside the recorded table: ONLY=refresh,sign_in ROUNDS=3 SECONDS=2
#               USERS=8 TARGETS="gunicorn,granian,without Redis,ES256"; NODE=1: node-oidc-provider too, by npm;
#               RECORD=1: all targets, and write docs/generated/bench.json and bench.md
# make growth    the same operations with ACCOUNTS=2000000 CLIENTS=500 beside a thousand and five; RECORD=1: write growth.md
# make flat      let ten months of sign-ins pass, TOKENS=1000000 of them: no table grows but by citizens and portals
# make rush      tokens a second while people sign in without a pause: NODE=1 RECORD=1 (rush.md)
# make endurance  MINUTES=10 of load with everything on this machine: no error, and memory that stays flat. The rates are what
#               SHARE=0.5 of the free machine allows, or SIGN_INS=15 REFRESHES=100 DISCOVERIES=200 a second; RECORD=1: endurance.md
# make capacity  what 40 million accounts and a pay day need, from the recorded costs; RECORD=1: weigh WAL, rows and Redis
#               keys anew (COUNT=300 operations each); writes capacity.md
# make footprint  how long a start takes, and the memory of a web process after load: NODE=1 RECORD=1 (footprint.md)
# make sbom      write the software bill of materials (CycloneDX) into dist/
# make release   wheel, bill of materials, lock and SHA256SUMS into dist/, from a clean checkout: the same bytes everywhere
# make licences  write docs/operate/licences.md anew
# make audit     look the locked packages up in the advisories of PyPI (needs the internet)
# make lock     choose the newest allowed releases and pin them
# make clean    remove the environment and what the tools left behind

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Only what we wrote down, by hash; `pip check` then says what a lock file lacks. Resolving would look past
# the lock: pip 23 asks for the newest release of what another package names with an extra, and stops there.
INSTALL := $(PIP) install --quiet --no-deps --require-hashes -r
# The package itself without a second download for its build.
INSTALL_PACKAGE := $(PIP) install --quiet --no-deps --no-build-isolation --editable .
PIN := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links --refresh-package tamin-account
LOCK := $(PIN) --extra fast --extra hsm --extra postgres --extra redis

.PHONY: help demo test check format translations trial recipes pictures screenshots stories openapi fuzz mutation unmeasured enumeration-report \
	faults cluster versions image-steps flood-report leak-drill crowd races nodes rotation profile bench growth flat rush footprint endurance capacity sbom release licences audit lock clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# make /make /p; s/^#   /    /p' Makefile

demo: .venv/.installed
	$(BIN)/idp demo $(if $(GUIDE),--guide) $(if $(PORT),--port $(PORT)) $(if $(FOLDER),--folder $(FOLDER))

test: .venv/.installed-dev .venv/.browsers .venv/.nginx .venv/.apache .venv/.softhsm .venv/.prometheus .venv/.clients tests/e2e/node_modules/.installed
	@$(BIN)/python -m tests.run test

check: .venv/.installed-dev
	@$(BIN)/python -m tests.run check

format: .venv/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	-$(BIN)/djlint --quiet --reformat templates

translations: .venv/.installed-dev
	@$(BIN)/python -m translations.collect

trial: .venv/.installed-dev .venv/.browsers
	@EVERY_CASE=1 $(BIN)/python -m pytest -q tests/tester/test_sample_portals.py

recipes: .venv/.installed-dev
	@$(BIN)/python -m tests.e2e.run_recipes $(ONLY)

pictures: .venv/.installed-dev .venv/.browsers
	@$(BIN)/python -m pytest -q -p no:randomly tests/web/frame/take_pictures.py

screenshots: .venv/.installed-dev .venv/.browsers
	@OF="$(OF)" $(BIN)/python -m pytest -q -p no:randomly tests/web/frame/take_screenshots.py

stories: .venv/.installed-dev
	@$(BIN)/python -m pytest -q -p no:randomly tests/e2e/take_stories.py

openapi: .venv/.installed-dev
	@$(BIN)/python -m tests.openapi.document

EXAMPLES ?= 5600
fuzz: .venv/.installed-dev
	@seed=$${SEED:-$$(date +%s)}; echo "SEED=$$seed"; HYPOTHESIS_PROFILE=fuzz FUZZ_EXAMPLES=$(EXAMPLES) \
		$(BIN)/python -m pytest -q -p no:randomly -n 2 --hypothesis-seed=$$seed \
		tests/protocol/test_no_bytes_break_it.py tests/protocol/authorize/test_request_objects.py tests/web/test_openapi_requests.py \
		tests/web/forms/test_no_form_breaks_a_page.py

mutation: .venv/.installed-dev
	@$(BIN)/python tests/mutation.py $(if $(OF),"$(OF)")

unmeasured: .venv/.installed-dev .venv/.browsers .venv/.softhsm
	@$(BIN)/python -m tests.find_unmeasured

SAMPLES ?= 2000
enumeration-report: .venv/.installed-dev
	@SAMPLES=$(SAMPLES) $(BIN)/python -m pytest -q -p no:randomly tests/web/enumeration/take_report.py

flood-report: .venv/.installed-dev .venv/.nginx
	@$(BIN)/python -m pytest -q -p no:randomly tests/deploy/take_flood_report.py

crowd: .venv/.installed-dev
	@CITIZENS="$(CITIZENS)" NEIGHBOURS="$(NEIGHBOURS)" ELSEWHERE="$(ELSEWHERE)" \
		$(BIN)/python -m pytest -q -p no:randomly tests/crowd/take_report.py

faults: .venv/.installed-dev
	@FAULTS="$(FAULTS)" KILLS="$(KILLS)" SECONDS="$(SECONDS)" SEED="$(SEED)" RECORD="$(RECORD)" \
		$(BIN)/python -m tests.fault.lab.run

cluster: .venv/.installed-dev .venv/.nginx
	@EVENTS="$(EVENTS)" SECONDS="$(SECONDS)" CITIZENS="$(CITIZENS)" SEED="$(SEED)" RECORD="$(RECORD)" \
		$(BIN)/python -m tests.fault.cluster.run

versions: .venv/.installed-dev .venv/.nginx
	@BEFORE="$(BEFORE)" CITIZENS="$(CITIZENS)" SEED="$(SEED)" RECORD="$(RECORD)" $(BIN)/python -m tests.fault.cluster.rolled

image-steps: .venv/.installed-dev
	@$(BIN)/python -m tests.deploy.image_steps

races: .venv/.installed-dev
	@IDP_TEST_ROUNDS=200 IDP_TEST_KILLS=17 $(BIN)/python -m pytest -q -p no:randomly tests/protocol/test_races.py \
		tests/fault/test_killed_worker.py tests/fault/test_many_workers.py tests/store/test_races.py \
		tests/protocol/certification

rotation: .venv/.installed-dev
	@IDP_TEST_ROTATIONS=200 $(BIN)/python -m pytest -q -p no:randomly tests/fault/test_rotation_under_load.py

nodes: .venv/.installed-dev
	@BEFORE="$(BEFORE)" IDP_TEST_FAULTS=1 $(BIN)/python -m pytest -q -p no:randomly tests/fault/test_postgres_away.py \
		tests/fault/test_several_nodes.py tests/fault/test_old_and_new_version.py \
		tests/web/test_server_processes.py

profile: .venv/.installed-dev
	@SECONDS="$(SECONDS)" $(BIN)/python -m tests.performance.profile $(ONLY)

bench: .venv/.installed-dev
	@ONLY="$(ONLY)" ROUNDS="$(ROUNDS)" SECONDS="$(SECONDS)" USERS="$(USERS)" TARGETS="$(TARGETS)" NODE="$(NODE)" \
		RECORD="$(RECORD)" $(BIN)/python -m tests.performance.bench

growth: .venv/.installed-dev
	@ACCOUNTS="$(ACCOUNTS)" CLIENTS="$(CLIENTS)" ROUNDS="$(ROUNDS)" SECONDS="$(SECONDS)" USERS="$(USERS)" \
		RECORD="$(RECORD)" $(BIN)/python -m tests.performance.growth

TOKENS ?= 1000000
flat: .venv/.installed-dev
	@TOKENS="$(TOKENS)" $(BIN)/python -m pytest -q -p no:randomly tests/services/upkeep/test_growth.py -k flat

leak-drill: .venv/.installed-dev
	@SESSIONS="$(SESSIONS)" A_SECOND="$(A_SECOND)" $(BIN)/python -m tests.performance.leak_drill

rush footprint: .venv/.installed-dev
	@ROUNDS="$(ROUNDS)" SECONDS="$(SECONDS)" USERS="$(USERS)" TARGETS="$(TARGETS)" NODE="$(NODE)" \
		RECORD="$(RECORD)" $(BIN)/python -m tests.performance.$@

endurance: .venv/.installed-dev
	@MINUTES="$(MINUTES)" SHARE="$(SHARE)" SIGN_INS="$(SIGN_INS)" REFRESHES="$(REFRESHES)" DISCOVERIES="$(DISCOVERIES)" \
		RECORD="$(RECORD)" $(BIN)/python -m tests.performance.endurance

sbom: .venv/.installed-dev
	@$(BIN)/python -m release.sbom

release: .venv/.installed-dev
	@$(BIN)/python -m release

licences: .venv/.installed-dev
	@$(BIN)/python -m release.licences

audit: .venv/.audit
	@for lock in requirements.lock requirements-demo.lock; do \
		.venv/audit/bin/pip-audit --disable-pip --require-hashes --strict --progress-spinner off -r $$lock || exit 1; done

capacity: .venv/.installed-dev
	@RECORD="$(RECORD)" COUNT="$(COUNT)" $(BIN)/python -m tests.performance.capacity

lock: .venv/.installed-dev
	$(LOCK) setup.cfg requirements.in --output-file requirements.lock
	$(LOCK) --constraint requirements.lock --extra demo setup.cfg requirements.in --output-file requirements-demo.lock
	$(LOCK) --constraint requirements-demo.lock --extra traces setup.cfg requirements.in --output-file requirements-traces.lock
	$(LOCK) --constraint requirements-traces.lock --extra demo --extra traces --extra dev setup.cfg requirements.in \
		--output-file requirements-dev.lock
	$(PIN) requirements-clients.in --output-file requirements-clients.lock
	$(PIN) requirements-audit.in --output-file requirements-audit.lock

clean:
	rm -rf .venv build dist mutants *.egg-info tests/e2e/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

# A machine whose Python came without ensurepip (Debian's python3-venv) lends its own pip.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 \
		|| { $(PYTHON) -m venv --clear --without-pip .venv && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }

.venv/.installed: requirements-demo.lock setup.cfg pyproject.toml | $(BIN)/python
	$(INSTALL) requirements-demo.lock
	$(INSTALL_PACKAGE)
	@$(PIP) check >&2
	@touch $@

.venv/.installed-dev: requirements-dev.lock setup.cfg pyproject.toml | $(BIN)/python
	$(INSTALL) requirements-dev.lock
	$(INSTALL_PACKAGE)
	@$(PIP) check >&2
	@touch $@ .venv/.installed

# Real browsers: Debian's, driven by Playwright (Chromium) and WebDriver BiDi (Firefox). The headless shell takes half the
# CPU of Chromium with windows; either will do.
.venv/.browsers: | $(BIN)/python
	@.ci/programs $@ chromium-headless-shell=chromium-headless-shell,chromium,chromium-browser firefox-esr=firefox-esr,firefox nodejs=node npm=npm

# The proxy of config/deploy for tests/deploy; without it those tests are skipped.
.venv/.nginx: | $(BIN)/python
	@.ci/programs $@ nginx-light=nginx

# A PKCS#11 token in software for tests/adapters, whose tests of it are skipped without it.
.venv/.softhsm: | $(BIN)/python
	@.ci/programs $@ softhsm2=softhsm2-util

# Prometheus and promtool for tests/monitoring; without them those tests are skipped.
.venv/.prometheus: | $(BIN)/python
	@.ci/prometheus $@

# A client of other hands for tests/e2e: Apache's module, whose test is skipped without it.
.venv/.apache: | $(BIN)/python
	@.ci/programs $@ libapache2-mod-auth-openidc=/usr/lib/apache2/modules/mod_auth_openidc.so

# Clients of other hands (PyPI) for tests/e2e, in an environment of their own: their releases are not ours to bind.
.venv/.clients: requirements-clients.lock | $(BIN)/python
	@$(BIN)/python -m venv --clear --without-pip .venv/clients
	$(PIP) --python .venv/clients/bin/python install --quiet --no-deps --require-hashes -r requirements-clients.lock
	@touch $@

# An environment of its own, for pip-audit's dependencies are not ours to bind.
.venv/.audit: requirements-audit.lock | $(BIN)/python
	@$(BIN)/python -m venv --clear --without-pip .venv/audit
	$(PIP) --python .venv/audit/bin/python install --quiet --no-deps --require-hashes -r requirements-audit.lock
	@touch $@

# Real clients of other hands (npm) for tests/e2e.
tests/e2e/node_modules/.installed: $(wildcard tests/e2e/package-lock.json)
	@.ci/node-packages
