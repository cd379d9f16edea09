# shellcheck shell=sh
# Sourced by ../mvnw and ../tandem: finds an installed JDK without starting one, which would cost the launcher its speed.

# jdk_feature HOME: sets $feature to the feature release of the JDK in HOME, 0 if there is no JDK.
jdk_feature() {
  feature=0
  if [ -x "$1/bin/javac" ] && [ -r "$1/release" ]; then
    while IFS= read -r line; do
      case $line in
      JAVA_VERSION=*)
        feature=${line#*=}
        feature=${feature#\"}
        feature=${feature%%[!0-9]*}
        ;;
      esac
    done <"$1/release"
  fi
  feature=${feature:-0}
}

# find_jdk MINIMUM MAXIMUM: sets $jdk to the home of a JDK of such a feature release, or fails.
find_jdk() {
  javac_path=$(command -v javac 2>/dev/null) || javac_path=
  while [ -L "$javac_path" ]; do
    javac_link=$(readlink "$javac_path")
    case $javac_link in
    /*) javac_path=$javac_link ;;
    *) javac_path=${javac_path%/*}/$javac_link ;;
    esac
  done
  macos_home=
  if [ -x /usr/libexec/java_home ]; then
    macos_home=$(/usr/libexec/java_home -F -v "$1" 2>/dev/null) || macos_home=
  fi
  for jdk in \
    "${JAVA_HOME:-}" "${javac_path%/bin/javac}" "$macos_home" \
    /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /usr/local/openjdk* /usr/local/java/* \
    /opt/java/* /opt/*jdk* /opt/*java* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /home/linuxbrew/.linuxbrew/opt/openjdk*/libexec \
    "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* "${HOME:-}"/.gradle/jdks/* \
    "${HOME:-}"/.asdf/installs/java/* "${HOME:-}"/.local/share/mise/installs/java/*; do
    jdk_feature "$jdk"
    if [ "$feature" -ge "$1" ] && [ "$feature" -le "$2" ]; then
      return 0
    fi
  done
  jdk=
  return 1
}
