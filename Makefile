# Everything a newcomer needs: Python >= 3.11 and make. Each target sets up what it uses.
PYTHON ?= python3
BIN := .venv/bin
# On all processors; for one test and a debugger, .venv/bin/python -m pytest is as good.
PYTEST := $(BIN)/python -m pytest -n logical --dist worksteal

.PHONY: run test test-postgresql test-quick corpus axe vnu check bench bench-rows bench-larger bench-growth bench-workers lock clean

run: .venv/run
	$(BIN)/feedmill --config examples/site/feedmill.toml run

# Without a network the tests of the corpus and of axe say what is missing: they are skipped, but in CI they fail. Those
# of vnu are left out without Java too.
test: .venv/dev
	-@$(MAKE) --no-print-directory corpus
	-@$(MAKE) --no-print-directory axe
	-@$(MAKE) --no-print-directory vnu
	$(PYTEST)

# What has to do with a store once more, with a PostgreSQL (it comes with the tests) in place of SQLite.
test-postgresql: .venv/dev
	FEEDMILL_TEST_STORE=postgresql $(PYTEST) -m "not slow" tests/storage tests/feeds/publishing tests/feeds/validators \
		tests/feeds/web tests/process tests/aggregator/cli tests/aggregator/deliver tests/aggregator/push \
		tests/aggregator/web tests/aggregator/test_*.py

test-quick: .venv/dev
	$(PYTEST) -m "not slow"

# feedparser's own test documents, from the source distribution of the version and hash in the lock.
corpus: .venv/corpus

.venv/corpus: requirements-dev.lock | .venv/bin/python
	rm -rf $@ $@.part && mkdir -p $@.part
	awk '/^feedparser==/ { on = 1 } on && /^ *#/ { exit } on' $< > $@.part/requirements.txt
	$(BIN)/pip download --quiet --disable-pip-version-check --require-hashes --no-deps --no-binary feedparser \
		--dest $@.part --requirement $@.part/requirements.txt
	tar -xzf $@.part/feedparser-*.tar.gz -C $@.part --strip-components=1
	mv $@.part $@

# axe-core, which looks for what keeps people from reading our pages; npm alone is needed, and nothing is run by it.
AXE := 4.14.1
AXE_SHA512 := 1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5

axe: .venv/axe/$(AXE)

.venv/axe/$(AXE): | .venv/bin/python
	rm -rf .venv/axe .venv/axe.part && mkdir -p .venv/axe.part
	cd .venv/axe.part && npm pack --silent --ignore-scripts axe-core@$(AXE)
	echo "$(AXE_SHA512)  .venv/axe.part/axe-core-$(AXE).tgz" | sha512sum --check --quiet
	tar -xzf .venv/axe.part/axe-core-$(AXE).tgz -C .venv/axe.part --strip-components=1 package/axe.min.js
	touch .venv/axe.part/$(AXE)
	mv .venv/axe.part .venv/axe

# The Nu Html Checker, which knows what HTML is; npm brings it, and Java runs it.
VNU := 26.9.27
VNU_SHA512 := 4e441de4315f39a582f5e6edbe8cd3b2b1f655aa1dde3620faface791133217c417b12f3f7ead2d8336d8e7efe44f5226618258b44a0860057e9125135e6b428

vnu: .venv/vnu/$(VNU)

.venv/vnu/$(VNU): | .venv/bin/python
	rm -rf .venv/vnu .venv/vnu.part && mkdir -p .venv/vnu.part
	cd .venv/vnu.part && npm pack --silent --ignore-scripts vnu-jar@$(VNU)
	echo "$(VNU_SHA512)  .venv/vnu.part/vnu-jar-$(VNU).tgz" | sha512sum --check --quiet
	tar -xzf .venv/vnu.part/vnu-jar-$(VNU).tgz -C .venv/vnu.part --strip-components=3 package/build/dist/vnu.jar
	touch .venv/vnu.part/$(VNU)
	mv .venv/vnu.part .venv/vnu

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/python -m tests.sizes

# Everything that docs/performance.md tells, in parts: most rows of its table (about ten minutes), those of ten times as
# many posts and of hours of work, and how costs grow with plots of it (half an hour each). FEEDS is a folder of real
# documents to read.
RESULTS := build/bench

bench: bench-rows bench-larger bench-growth bench-workers
	$(BIN)/python -m benchmarks.table $(RESULTS)

bench-rows: .venv/dev .venv/bench/made
	$(BIN)/python -m benchmarks --results $(RESULTS) $(if $(FEEDS),--feeds $(FEEDS))

bench-larger: .venv/dev
	$(BIN)/python -m benchmarks.one_post --larger 10 --results $(RESULTS)
	$(BIN)/python -m benchmarks.memory --results $(RESULTS)

bench-growth: .venv/dev .venv/bench/made
	$(BIN)/python -m benchmarks.growth --results $(RESULTS)
	.venv/bench/bin/python -m benchmarks.plots $(RESULTS)

# How many sources several workers pull from one PostgreSQL, and how large a site that makes (docs/growing.md).
bench-workers: .venv/dev
	$(BIN)/python -m benchmarks.workers --results $(RESULTS)
	$(BIN)/python -m benchmarks.sizing $(RESULTS)

lock: .venv/dev
	$(PYTHON) -m venv .venv/lock
	.venv/lock/bin/pip install --quiet uv
	.venv/lock/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	.venv/lock/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-emit-find-links --group dev --extra full-text -c requirements.lock pyproject.toml \
		-o requirements-dev.lock
	.venv/lock/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-emit-find-links --group bench -o requirements-bench.lock

clean:
	rm -rf .venv build dist *.egg-info examples/site/data examples/site/public

.venv/bin/python:
	$(PYTHON) -m venv .venv

# The marker files say which lock the environment was made from; a changed lock installs again.
.venv/run: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

# What Feedmill is compared with has an environment of its own, so that neither has the other's libraries.
.venv/bench/made: requirements-bench.lock
	$(PYTHON) -m venv .venv/bench
	.venv/bench/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	touch $@

.venv/dev: requirements-dev.lock .venv/run
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@
