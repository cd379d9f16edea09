#!/bin/sh
# Checks Tandem on a machine with an NVIDIA GPU, in one go and in less than 20 minutes: loads, compares every operation and
# short trainings with the scalar engine, trains on both engines, looks for growing memory, measures. Writes what it found to
# verified-gpu/report.md, ready for engine-cuda/VERIFIED.md, and keeps every output beside it.
#
#   ./verify-gpu.sh [TANDEM]        TANDEM is the launcher: by default the one beside this script, or of the checkout
#
# Exit code 0 if all passed, 1 if something failed, 2 if there is no GPU that can be used.
set -u

here=$(CDPATH='' cd -P -- "$(dirname "$0")" && pwd)
tandem=${1:-}
[ -n "$tandem" ] || for tandem in "$here/tandem" "$here/../tandem"; do
  [ ! -x "$tandem" ] || break
done
[ -x "$tandem" ] || {
  echo "verify-gpu: no launcher $tandem (give its path)" >&2
  exit 1
}
out=verified-gpu
report=$out/report.md
failures=0
mkdir -p "$out" || exit 1

say() {
  echo "$*"
  echo "$*" >>"$report"
}

# step NAME SECONDS COMMAND...: runs it within a time, keeps its output, notes the outcome.
step() {
  name=$1
  seconds=$2
  shift 2
  start=$(date +%s)
  if timeout "$seconds" "$@" >"$out/$name.txt" 2>&1; then
    outcome=passed
  else
    outcome="FAILED (exit code $?, see $name.txt)"
    failures=$((failures + 1))
  fi
  say "| $name | $outcome | $(($(date +%s) - start)) s |"
  [ "$outcome" = passed ]
}

# Compares column 3 of two steps.csv, the loss: prints the number of steps and the largest difference.
compare() {
  awk -F, 'FNR == 1 { next }
    FNR == NR { loss[$1] = $3; next }
    $1 in loss { d = $3 - loss[$1]; if (d < 0) d = -d; if (d > worst) worst = d; n++; if ($3 != $3 + 0) bad = 1 }
    END { printf "%d steps, largest difference of a loss %.2e", n, worst; exit !(n > 0 && worst <= 1e-4 && !bad) }' "$1" "$2"
}

# Trains on both engines: train MODEL DATASET OPTION...
train() {
  model=$1
  dataset=$2
  shift 2
  for backend in cpu cuda; do
    rm -rf "$out/$model-$backend"
    step "train-$model-$backend" 120 "$tandem" train --model "$model" --dataset "$dataset" --backend "$backend" --seed 1 \
      --max-steps 100 --json --out "$out/$model-$backend" "$@" || return
  done
  if difference=$(compare "$out/$model-cpu/steps.csv" "$out/$model-cuda/steps.csv"); then
    say "| $model on $dataset, cpu against cuda | passed: $difference | |"
  else
    say "| $model on $dataset, cpu against cuda | FAILED: $difference | |"
    failures=$((failures + 1))
  fi
}

: >"$report"
say "## $(date -u +%Y-%m-%d)"
say
say "- Tandem: $("$tandem" --version 2>/dev/null | head -n 1)"
commit=$(git -C "$here" rev-parse --short HEAD 2>/dev/null) && say "- commit: $commit"
if ! "$tandem" devices >"$out/devices.txt" 2>&1 || grep -q '^cuda *not available' "$out/devices.txt"; then
  cat "$out/devices.txt"
  say "- no GPU that can be used: nothing was checked"
  exit 2
fi
if grep -q '^cuda *stand-in' "$out/devices.txt"; then
  say "- this is the stand-in on the host: nothing here was run on a GPU, and no time below means anything"
fi
sed -n '/^cuda/,/^[a-z]* .*$/p' "$out/devices.txt" | sed 's/^/    /' | tee -a "$report"
if command -v nvidia-smi >/dev/null 2>&1; then
  say "- $(nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv,noheader | head -n 1)"
fi
say
say "| what | outcome | time |"
say "|---|---|---|"

step selftest 300 "$tandem" selftest --backend cuda
train perceptron iris
train ann digits
train cnn digits
train rnn sunspots
train lstm sunspots
train gru sunspots
step train-tf32 120 "$tandem" train --model ann --dataset digits --backend cuda --math tf32 --max-steps 100 --out "$out/tf32"
step train-bf16 120 "$tandem" train --model ann --dataset digits --backend cuda --math bf16 --max-steps 100 --out "$out/bf16"

# Memory that grows over 10,000 steps shows in the difference between a tenth and the whole.
memory() {
  "$tandem" train --model ann --dataset digits --backend cuda --epochs 1000 --max-steps 10000 --out "$out/long" &
  trainer=$!
  sleep 5
  first=$(nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits | head -n 1)
  last=$first
  while kill -0 "$trainer" 2>/dev/null; do
    now=$(nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits | head -n 1)
    kill -0 "$trainer" 2>/dev/null && last=$now
    sleep 1
  done
  wait "$trainer" || return 1
  echo "MiB of the device in use: $first at first, $last at last"
  [ "$last" -le "$((first + 16))" ]
}
if command -v nvidia-smi >/dev/null 2>&1; then
  rm -rf "$out/long"
  start=$(date +%s)
  if memory >"$out/memory.txt" 2>&1; then
    say "| 10,000 steps in flat memory | passed: $(tail -n 1 "$out/memory.txt") | $(($(date +%s) - start)) s |"
  else
    say "| 10,000 steps in flat memory | FAILED: $(tail -n 1 "$out/memory.txt") | |"
    failures=$((failures + 1))
  fi
fi

step bench-steps 240 "$tandem" bench --suite steps --backend cuda --json --out "$out/bench-steps"
step bench-ops 240 "$tandem" bench --suite ops --backend cuda --json --out "$out/bench-ops"
say
say "$failures failed. Totals of the self-test: $(tail -n 1 "$out/selftest.txt")"
[ "$failures" -eq 0 ]
