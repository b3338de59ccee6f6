#!/bin/sh
# Install the Python packages that read our formats, each apart from our own environment, into .consumers (or
# $OPED_CONSUMERS): arguebuf asks for an older lxml than trafilatura does, and label-studio-sdk brings fifty packages along.
# Each takes less than a minute; where one can't be had, its tests are skipped.
set -u
folder="${OPED_CONSUMERS:-.consumers}"
mkdir -p "$folder"
for pinned in arguebuf==2.7.2 label-studio-sdk==2.0.19; do
    package="${pinned%%==*}"
    [ -f "$folder/$package/.done-$pinned" ] && continue
    {
        "${PYTHON:-python3}" -m venv --clear "$folder/$package" \
            && "$folder/$package/bin/pip" install --quiet --disable-pip-version-check --retries 1 "$pinned" 2>/dev/null \
            && touch "$folder/$package/.done-$pinned"
    } || {
        rm -rf "${folder:?}/$package"
        echo "could not install $package: the tests with it will be skipped"
    }
done
