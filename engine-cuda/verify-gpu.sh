#!/bin/sh
# Checks Tandem on a machine with an NVIDIA GPU, in one go and in less than 20 minutes: loads, compares every operation and
# short trainings with the scalar engine, trains on both engines, looks for growing memory, measures, beside PyTorch if
# there is one. Writes what it found to verified-gpu/report.md, ready for engine-cuda/VERIFIED.md, and keeps every output
# beside it.
#
#   ./verify-gpu.sh [TANDEM]        TANDEM is the launcher: by default the one beside this script, or of the checkout
#
# PYTHON names the Python that has PyTorch (default: python3).
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
for peer in "$here/pytorch_steps.py" "$here/../benchmarks/peers/pytorch_steps.py"; do
  [ ! -f "$peer" ] || break
done
python=${PYTHON:-python3}
out=verified-gpu
report=$out/report.md
failures=0
tables=
end=$(($(date +%s) + 1180))
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
  left=$((end - start))
  [ "$seconds" -le "$left" ] || seconds=$left
  if [ "$seconds" -lt 1 ]; then
    outcome="FAILED (the 20 minutes are over)"
    failures=$((failures + 1))
  elif timeout "$seconds" "$@" >"$out/$name.txt" 2>&1; then
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

# Trains on both engines and compares the loss of every step: train MODEL DATASET STEPS OPTION...
train() {
  model=$1
  dataset=$2
  steps=$3
  shift 3
  for backend in cpu cuda; do
    rm -rf "$out/$model-$backend"
    step "train-$model-$backend" 120 "$tandem" train --model "$model" --dataset "$dataset" --backend "$backend" --seed 1 \
      --max-steps "$steps" --json --out "$out/$model-$backend" "$@" || return
  done
  if difference=$(compare "$out/$model-cpu/steps.csv" "$out/$model-cuda/steps.csv"); then
    say "| $model on $dataset, cpu against cuda | passed: $difference | |"
  else
    say "| $model on $dataset, cpu against cuda | FAILED: $difference | |"
    failures=$((failures + 1))
  fi
}

# The metrics on the test part in a training's last line.
metrics() {
  tail -n 1 "$1" | sed -n 's/.*"test" *: *{\([^}]*\)}.*/\1/p'
}

# outcome MODEL DATASET: trains as users do on both engines, and puts the metrics side by side for the reader to compare.
outcome() {
  for backend in cpu cuda; do
    rm -rf "$out/whole-$1-$backend"
    step "whole-$1-$backend" 90 "$tandem" train --model "$1" --dataset "$2" --backend "$backend" --seed 1 --epochs 10 --json \
      --out "$out/whole-$1-$backend" && say "| $1 on $2, $backend, test part | $(metrics "$out/whole-$1-$backend.txt") | |"
  done
}

# rounded MATH: trains in another arithmetic, over three seeds; the reader compares accuracies with those of fp32.
rounded() {
  for seed in 1 2 3; do
    rm -rf "$out/$1-$seed"
    step "train-$1-seed-$seed" 60 "$tandem" train --model ann --dataset digits --backend cuda --math "$1" --seed "$seed" \
      --epochs 20 --json --out "$out/$1-$seed" || return
    say "| digits in $1, seed $seed, test part | $(metrics "$out/train-$1-seed-$seed.txt") | |"
  done
}

# Memory that grows over 10,000 steps shows in the difference between their beginning and their end.
memory() {
  timeout 200 "$tandem" train --model ann --dataset digits --backend cuda --epochs 1000 --max-steps 10000 --out "$out/long" &
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

# speed MATH SUITE...: our training steps and PyTorch's, and both in one table.
speed() {
  math=$1
  shift
  ours=
  for suite in "$@"; do
    step "bench-$suite-$math" 300 "$tandem" bench --suite "$suite" --backend cuda --math "$math" --out "$out/bench-$suite-$math" &&
      ours="$ours $out/bench-$suite-$math/bench.json"
  done
  [ -n "$ours" ] || return
  if ! "$python" -c 'import torch' 2>/dev/null; then
    say "| PyTorch, $math | not measured: $python has none (python3 -m pip install torch; PYTHON names another Python) | |"
    return
  fi
  suites=all
  [ $# -gt 1 ] || suites=$1
  step "pytorch-$math" 300 "$python" "$peer" --device cuda --math "$math" --suite "$suites" --most 0.5 --out "$out/pytorch-$math.json" ||
    return
  # shellcheck disable=SC2086
  step "ratios-$math" 20 "$python" "$peer" --table "$out/pytorch-$math.json" --ours $ours && tables="$tables $out/ratios-$math.txt"
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
real=yes
if grep -q '^cuda *stand-in' "$out/devices.txt"; then
  real=
  say "- this is the stand-in on the host: nothing here was run on a GPU, and no time below means anything"
fi
say
awk '/^[^ ]/ { shown = /^cuda/ } shown { print "    " $0 }' "$out/devices.txt" | tee -a "$report"
if command -v nvidia-smi >/dev/null 2>&1; then
  say
  say "- $(nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv,noheader | head -n 1)"
fi
say
say "| what | outcome | time |"
say "|---|---|---|"

step selftest 240 "$tandem" selftest --backend cuda
step gradcheck 120 "$tandem" gradcheck --backend cuda
long=100
[ -n "$real" ] || long=10
train perceptron iris "$long"
train ann digits "$long"
# At the rates that presets are trained with, rounding grows in these from step to step, through units that a hair turns on
# or off: after a hundred steps two right engines are apart. Slowly trained they are not.
train cnn digits "$long" --optimizer sgd --lr 0.001
train deep-cnn digits "$long" --hidden 8 --optimizer sgd --lr 0.001
train rnn sunspots "$long"
train lstm sunspots "$long"
train gru sunspots "$long"
train bi-lstm sunspots "$long"
if [ -n "$real" ]; then
  for model in ann cnn deep-cnn; do
    outcome "$model" digits
  done
  for model in rnn lstm gru deep-lstm bi-lstm; do
    outcome "$model" sunspots
  done
  for math in fp32 tf32 bf16; do
    rounded "$math"
  done
fi
if [ -n "$real" ] && command -v nvidia-smi >/dev/null 2>&1; then
  rm -rf "$out/long"
  start=$(date +%s)
  if memory >"$out/memory.txt" 2>&1; then
    say "| 10,000 steps in flat memory | passed: $(tail -n 1 "$out/memory.txt") | $(($(date +%s) - start)) s |"
  else
    say "| 10,000 steps in flat memory | FAILED: $(tail -n 1 "$out/memory.txt") | |"
    failures=$((failures + 1))
  fi
fi
if [ -n "$real" ]; then
  speed fp32 steps large
  speed tf32 large
  speed bf16 large
fi
say
say "$failures failed. Self-test: $(tail -n 1 "$out/selftest.txt"). Gradients: $(tail -n 1 "$out/gradcheck.txt")."
for table in $tables; do
  say
  tee -a "$report" <"$table"
done
[ "$failures" -eq 0 ]
