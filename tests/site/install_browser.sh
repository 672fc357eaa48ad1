#!/usr/bin/env bash
# Make sure a Chromium is there for the tests of the site. Says what to do where it cannot be installed from here.
set -u
for name in chromium chromium-browser google-chrome "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
  if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
as_root=""
if [ "$(id -u)" != 0 ]; then
  if sudo -n true 2>/dev/null; then as_root="sudo -n"; else as_root="none"; fi
fi
if command -v apt-get >/dev/null 2>&1 && [ "$as_root" != none ]; then
  echo "Installing Chromium and fonts with apt-get."
  $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-dejavu-core >/dev/null && exit 0
elif command -v brew >/dev/null 2>&1; then
  echo "Installing Chromium with Homebrew."
  brew install --cask chromium && exit 0
fi
echo "Expected Chromium for the tests of the site, found none and could not install it: install the package 'chromium' and run again." >&2
exit 1
