package io.guardbee.service.cli;

import io.guardbee.service.ceremony.CaReport;
import java.io.PrintWriter;

/** Authorities, their list of revoked ones and their ceremonies, for people. */
final class CaTable {

  private CaTable() {}

  static void print(PrintWriter out, CaReport report) {
    for (CaReport.Authority authority : report.authorities()) {
      boolean current = authority.state().equals("current");
      out.println(authority.role() + (current ? "" : " (" + authority.state() + ")"));
      out.println("  file         " + authority.file());
      out.println("  subject      " + authority.subject());
      out.println("  serial       " + authority.serial());
      out.println("  until        " + authority.until());
      out.println("  fingerprint  " + authority.fingerprint());
    }
    if (report.crl() == null) {
      out.println("root CRL: none  (next: guardbee ca crl)");
    } else {
      print(out, report.crl());
    }
    for (CaReport.Ceremony ceremony : report.ceremonies()) {
      out.printf(
          "ceremony %d  %s  %s  %s%n",
          ceremony.number(), ceremony.kind(), ceremony.time(), ceremony.state());
    }
  }

  static void print(PrintWriter out, CaReport.Crl list) {
    out.println("root CRL ends at " + list.nextUpdate() + next(list));
    out.println("  file         " + list.file());
    out.println("  number       " + list.number());
    out.println("  from         " + list.thisUpdate());
    if (list.revoked().isEmpty()) {
      out.println("  revoked      none");
    }
    for (CaReport.Revoked revoked : list.revoked()) {
      out.println(
          ("  revoked      "
                  + revoked.serial()
                  + "  "
                  + revoked.revoked()
                  + "  "
                  + revoked.reason())
              .stripTrailing());
    }
  }

  private static String next(CaReport.Crl list) {
    if (list.outdated()) {
      return "  (overdue; next: guardbee ca crl)";
    }
    return list.due() ? "  (due; next: guardbee ca crl)" : "";
  }
}
