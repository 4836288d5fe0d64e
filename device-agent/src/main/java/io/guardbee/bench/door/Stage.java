package io.guardbee.bench.door;

import io.guardbee.bench.broker.Contender;
import io.guardbee.bench.broker.GuardedBroker;
import io.guardbee.bench.broker.PermitAllBroker;
import io.guardbee.launch.Guardbee;
import io.guardbee.launch.RunningUp;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the sections share, each started by the first that needs it; all gone when closed. */
final class Stage implements AutoCloseable {

  private final Guardbee launcher;
  private final Plan plan;
  private final PrintWriter narration;
  private final List<String> notes = new ArrayList<>();
  private @Nullable RunningUp up;
  private @Nullable PermitAllBroker permitAll;
  private @Nullable Roster roster;
  private @Nullable List<Member> crowd;
  private @Nullable ServiceConnection service;

  /**
   * How much of everything.
   *
   * @param seconds each rate is measured
   * @param warmUp seconds before that, at least, without measuring
   * @param live connections that are open while devices are revoked
   * @param revocations that are timed
   * @param listed entries of the revocation list that Mosquitto looks at
   * @param entries of the big index
   * @param tries of the race
   * @param profile directory for recordings of the connects, made after these were measured
   */
  record Plan(
      long seconds,
      long warmUp,
      int live,
      int revocations,
      int listed,
      int entries,
      int tries,
      Optional<Path> profile) {}

  Stage(Guardbee launcher, Plan plan, PrintWriter narration) {
    this.launcher = launcher;
    this.plan = plan;
    this.narration = narration;
  }

  Plan plan() {
    return plan;
  }

  Guardbee launcher() {
    return launcher;
  }

  void say(String what) {
    narration.println(what);
    narration.flush();
  }

  /** Something that could not be measured, and why. */
  void note(String what) {
    notes.add(what);
    say(what);
  }

  List<String> notes() {
    return notes;
  }

  RunningUp up() {
    RunningUp running = up;
    if (running == null) {
      say("starting a guardbee up in a temporary home");
      Guardbee own = launcher.inTemporaryHome();
      writePolicy(own.home());
      running = own.up();
      up = running;
    }
    return running;
  }

  /** A broker keeps the policy that it finds. */
  private static void writePolicy(Path home) {
    Path file = home.resolve("broker/extensions/guardbee/conf/policy.yaml");
    try (InputStream policy = Stage.class.getResourceAsStream("policy.yaml")) {
      Files.createDirectories(file.resolveSibling("."));
      Files.copy(Objects.requireNonNull(policy, "policy.yaml is not in the jar"), file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Contender guarded() {
    return GuardedBroker.of(up()).contender(up());
  }

  Contender permitAll() throws IOException, InterruptedException {
    PermitAllBroker running = permitAll;
    if (running == null) {
      say("starting a broker with a permit-all extension");
      running = PermitAllBroker.start(up());
      permitAll = running;
    }
    return running.contender();
  }

  Roster roster() throws IOException {
    Roster made = roster;
    if (made == null) {
      made = new Roster(up().guardbee());
      roster = made;
    }
    return made;
  }

  /** The devices that are many, and only there. */
  List<Member> crowd() throws IOException {
    List<Member> made = crowd;
    if (made == null) {
      say("enrolling " + plan.live() + " devices");
      made = roster().enrol("crowd", plan.live());
      crowd = made;
    }
    return made;
  }

  ServiceConnection service() throws IOException {
    ServiceConnection open = service;
    if (open == null) {
      open = new ServiceConnection(up().endpoints());
      service = open;
    }
    return open;
  }

  @Override
  public void close() {
    if (permitAll != null) {
      permitAll.close();
    }
    if (up != null) {
      up.close();
    }
  }
}
