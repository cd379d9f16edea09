@echo off
rem Finds a JDK 25, builds the application on first use and whenever a source is newer, and runs it.
rem TANDEM_OPTS holds further JVM options.
setlocal EnableExtensions DisableDelayedExpansion
set "TANDEM_ROOT=%~dp0"
set "APP=%TANDEM_ROOT%target\app"
rem models.jar is the application, benchmarks.jar brings one more command.
set "CLASS_PATH=%APP%\models.jar;%APP%\benchmarks.jar"
set "PEERS=%TANDEM_ROOT%benchmarks\peers\target\app"
rem JCuda and the other libraries are native. An archive of classes holds for the modules that it was made with.
set "JAVA_MODULES=--add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED"
set "RECORDING=%TANDEM_ROOT%target\recording"
set "LOCK=%TANDEM_ROOT%target\build.lock"
set "LOG=%TANDEM_ROOT%target\build.log"

set "JDK="
call :try_jdk "%JAVA_HOME%"
for %%J in (javac.exe) do call :try_jdk "%%~dp$PATH:J.."
for /d %%J in ("%ProgramFiles%\Eclipse Adoptium\jdk-25*" "%ProgramFiles%\Java\jdk-25*" "%ProgramFiles%\Microsoft\jdk-25*" "%ProgramFiles%\Zulu\zulu-25*" "%ProgramFiles%\Amazon Corretto\jdk25*" "%ProgramFiles%\BellSoft\LibericaJDK-25*" "%USERPROFILE%\.jdks\*" "%USERPROFILE%\scoop\apps\*jdk*\current") do call :try_jdk "%%~J"
if defined JDK goto have_jdk
>&2 echo tandem: no JDK 25 found (install one, for example from adoptium.net, or set JAVA_HOME)
exit /b 1

:have_jdk
call :outdated
if not errorlevel 1 goto run
if not exist "%TANDEM_ROOT%target" mkdir "%TANDEM_ROOT%target"
if not exist "%TANDEM_ROOT%target" goto unwritable

mkdir "%LOCK%" 2>nul && goto locked
>&2 echo tandem: waiting for another build (if there is none, remove %LOCK%)
:wait
ping -n 2 127.0.0.1 >nul
mkdir "%LOCK%" 2>nul || goto wait
:locked
call :outdated
if not errorlevel 1 goto built
call :build
if errorlevel 1 goto unbuilt
:built
rmdir "%LOCK%"

:run
rem The archive is of the class path up to here.
if exist "%PEERS%" set "CLASS_PATH=%CLASS_PATH%;%PEERS%\*"
rem A stale archive costs some time only, so the JVM is not to report it.
"%JDK%\bin\java.exe" %JAVA_MODULES% "-XX:SharedArchiveFile=%APP%\tandem.jsa" -Xlog:aot*=off -Xlog:cds*=off %TANDEM_OPTS% -cp "%CLASS_PATH%" dev.tandem.models.cli.Tandem %*
exit /b %ERRORLEVEL%

:unwritable
>&2 echo tandem: cannot build (make %TANDEM_ROOT% writable)
exit /b 1

:unbuilt
rmdir "%LOCK%"
exit /b 1

rem Sets JDK to the given folder if that is a JDK 25 and none has been found before.
:try_jdk
if defined JDK exit /b 0
if not exist "%~1\bin\javac.exe" exit /b 0
if not exist "%~1\release" exit /b 0
findstr /b /r /c:"JAVA_VERSION=.25[^0-9]" "%~1\release" >nul && set "JDK=%~f1"
exit /b 0

rem Fails if there is no complete application or a source is newer. Folders count, so that deleted files do.
:outdated
if not exist "%APP%\stamp" exit /b 1
powershell -NoProfile -Command "Set-Location -LiteralPath $env:TANDEM_ROOT; $stamp = (Get-Item target\app\stamp).LastWriteTimeUtc; $sources = @(Get-Item pom.xml, *\pom.xml, *\src\main) + @(Get-ChildItem -Recurse *\src\main); if ($sources | Where-Object { $_.LastWriteTimeUtc -gt $stamp } | Select-Object -First 1) { exit 1 }"
exit /b %ERRORLEVEL%

rem The stamp is as old as the start of the build and is put in place last.
:build
>&2 echo tandem: building (about a minute the first time; log in %LOG%)
if exist "%APP%.new" rmdir /s /q "%APP%.new"
mkdir "%APP%.new"
type nul >"%APP%.new\stamp.new"
pushd "%TANDEM_ROOT%"
set "JAVA_HOME=%JDK%"
rem Other libraries to measure beside are built again if they were built once: they must fit the application.
set "MODULES=-pl benchmarks"
if exist "%PEERS%" set "MODULES=-Ppeers -pl benchmarks/peers"
call mvnw.cmd -q -B -DskipTests -Dspotless.check.skip %MODULES% -am package <nul >"%LOG%" 2>&1
set "MAVEN_EXIT=%ERRORLEVEL%"
popd
if "%MAVEN_EXIT%"=="0" goto install
powershell -NoProfile -Command "Get-Content -LiteralPath $env:LOG -Tail 20" >&2
>&2 echo tandem: the build failed (the whole log is in %LOG%)
exit /b 1
:install
copy /y "%TANDEM_ROOT%models\target\app\*.jar" "%APP%.new" >nul || exit /b 1
copy /y "%TANDEM_ROOT%benchmarks\target\app\*.jar" "%APP%.new" >nul || exit /b 1
if exist "%APP%.old" rmdir /s /q "%APP%.old" 2>nul
if exist "%APP%" move "%APP%" "%APP%.old" >nul 2>&1
if not exist "%APP%" goto replace
>&2 echo tandem: cannot replace the application in %APP% (wait for the tandem that is running)
exit /b 1
:replace
move "%APP%.new" "%APP%" >nul || exit /b 1
rem Later runs start faster from the archive; without it they are only slower.
call :archive <nul >>"%LOG%" 2>&1 || del /q "%APP%\tandem.jsa" 2>nul
if exist "%RECORDING%" rmdir /s /q "%RECORDING%"
if exist "%APP%.old" rmdir /s /q "%APP%.old" 2>nul
move /y "%APP%\stamp.new" "%APP%\stamp" >nul
exit /b %ERRORLEVEL%

rem Stores the classes that a short training uses. Not in an AOT cache: with an incubator module that holds no lambdas. picocli is
rem of Java 5, whose classes are stored only if they are not linked, as lines with @ have them be.
:archive
if exist "%RECORDING%" rmdir /s /q "%RECORDING%"
mkdir "%RECORDING%" || exit /b 1
"%JDK%\bin\java.exe" %JAVA_MODULES% "-XX:DumpLoadedClassList=%RECORDING%\used" -cp "%CLASS_PATH%" dev.tandem.models.cli.Tandem train --dataset iris --epochs 3 --out "%RECORDING%\run" || exit /b 1
findstr /v /r /c:"^@.*picocli" "%RECORDING%\used" >"%RECORDING%\stored" || exit /b 1
"%JDK%\bin\java.exe" %JAVA_MODULES% -Xshare:dump "-XX:SharedClassListFile=%RECORDING%\stored" "-XX:SharedArchiveFile=%APP%\tandem.jsa" -cp "%CLASS_PATH%"
exit /b %ERRORLEVEL%
