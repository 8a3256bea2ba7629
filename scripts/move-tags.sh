#!/usr/bin/env bash
# Moves the tags v1.2 and v1 to the commit of v1.2.3, unless a newer release already has them: a patch of an older
# line must not take v1 back. They are plain tags without a Release, so that they may move.
set -euo pipefail
tag=${1:?usage: move-tags.sh vMAJOR.MINOR.PATCH}
[[ $tag =~ ^v([0-9]+)\.([0-9]+)\.([0-9]+)$ ]] || { echo "not a release tag: $tag" >&2; exit 1; }
major="v${BASH_REMATCH[1]}"
minor="$major.${BASH_REMATCH[2]}"
commit=$(git rev-parse --verify --quiet "$tag^{commit}") || { echo "there is no tag $tag here" >&2; exit 1; }

for moving in "$minor" "$major"; do
  newest=$(git tag --list "$moving.*" | grep -E '^v[0-9]+\.[0-9]+\.[0-9]+$' | sort --version-sort | tail -1)
  if [ "$newest" != "$tag" ]; then
    echo "$moving stays: $newest is newer than $tag"
    continue
  fi
  if [ -n "${GH_TOKEN:-}" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/git/refs/tags/$moving" -f sha="$commit" -F force=true 2>/dev/null ||
      gh api --silent --method POST "repos/$GITHUB_REPOSITORY/git/refs" -f ref="refs/tags/$moving" -f sha="$commit"
  else
    git tag --force "$moving" "$commit"
  fi
  echo "$moving is now $tag ($commit)"
done
