package io.guardbee.hsm.check;

import io.guardbee.hsm.check.HealthReport.Ability;
import io.guardbee.hsm.check.HealthReport.Problem;
import io.guardbee.hsm.check.HealthReport.TestKey;
import io.guardbee.hsm.check.HealthReport.Trial;
import io.guardbee.pki.Quoted;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A report on one page, for people. */
public final class ReportText {

  private final StringBuilder page = new StringBuilder();

  private ReportText() {}

  public static String of(HealthReport report) {
    ReportText text = new ReportText();
    text.module(report);
    text.token(report);
    text.abilities(report.abilities());
    text.signatures(report);
    text.testKeys(report.testKeys());
    text.verdict(report);
    return text.page.toString();
  }

  private void module(HealthReport report) {
    HealthReport.Module module = report.module();
    row("module", module.file());
    row("", module.manufacturer() + ", " + module.description());
    row("", "version " + module.version() + ", cryptoki " + module.cryptokiVersion());
    row("profile", report.profile().name() + ": " + report.profile().title());
  }

  private void token(HealthReport report) {
    HealthReport.TokenFacts token = report.token();
    row("slot", Long.toString(token.slot()));
    row("token", Quoted.of(token.label()) + ", serial " + token.serial());
    row("", token.manufacturer() + ", " + token.model() + ", firmware " + token.firmware());
    row("flags", String.join(" ", token.flags()));
    row("state", report.state());
    row("pin", report.pin().state() + ": " + report.pin().detail());
    HealthReport.Sessions sessions = report.sessions();
    row(
        "sessions",
        "token: "
            + sessions.token()
            + ", profile: "
            + sessions.profile()
            + ", guardbee opens at"
            + " most "
            + sessions.guardbee()
            + ", open now: "
            + sessions.open());
    row("clock", report.clock());
  }

  private void abilities(List<Ability> abilities) {
    heading("kind of key", "made", "signs with");
    for (Ability ability : abilities) {
      String signs =
          ability.signs().entrySet().stream()
              .map(way -> way.getKey() + " by " + way.getValue())
              .collect(Collectors.joining(", "));
      cells(
          ability.kind() + (ability.needed() ? " (needed)" : ""),
          ability.makes() ? "yes" : "no",
          signs.isEmpty() ? "nothing" : signs);
      ability.missing().forEach(missing -> cells("", "", "missing: " + missing));
    }
  }

  private void signatures(HealthReport report) {
    heading("signature", "good", "with key");
    report.signatures().forEach(this::trial);
    if (report.signatures().isEmpty()) {
      cells("none", "", "no key here may sign for a check; --deep makes keys for it");
    }
    HealthReport.Rate rate = report.rate();
    if (rate != null) {
      page.append('\n');
      row(
          "sign rate",
          rate.perSecond()
              + "/s: one thread, "
              + rate.scheme()
              + ", each signature verified, over "
              + String.format(Locale.ROOT, "%.1f", rate.seconds())
              + " s");
    }
  }

  private void trial(Trial trial) {
    cells(trial.scheme(), trial.good() ? "yes" : "NO", trial.kind() + " " + trial.key());
    if (!trial.good()) {
      cells("", "", trial.detail());
    }
  }

  private void testKeys(List<TestKey> keys) {
    if (keys.isEmpty()) {
      return;
    }
    heading("test key", "good", "made in");
    for (TestKey key : keys) {
      boolean good = key.destroyed() && key.confined() && key.detail().isEmpty();
      String signed =
          key.signatures().stream()
              .map(trial -> trial.scheme() + (trial.good() ? "" : " FAILED"))
              .collect(Collectors.joining(", "));
      cells(
          key.kind(),
          good ? "yes" : "NO",
          key.millisecondsToMake()
              + " ms; signed "
              + (signed.isEmpty() ? "nothing" : signed)
              + (key.destroyed() ? "; destroyed" : "; LEFT IN THE TOKEN"));
      if (!key.detail().isEmpty()) {
        cells("", "", key.detail());
      }
    }
  }

  private void verdict(HealthReport report) {
    page.append('\n');
    for (Problem problem : report.problems()) {
      row("problem", problem.reason() + ": " + problem.detail());
      row("", problem.instead());
    }
    row("result", report.healthy() ? "healthy" : "not healthy");
  }

  private void row(String name, String value) {
    page.append(String.format("%-11s %s%n", name, Quoted.line(value)));
  }

  private void heading(String first, String second, String third) {
    page.append('\n');
    cells(first, second, third);
  }

  private void cells(String first, String second, String third) {
    String line = String.format("%-18s %-5s %s", first, second, Quoted.line(third));
    page.append(line.stripTrailing()).append(System.lineSeparator());
  }
}
