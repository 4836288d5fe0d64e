package io.guardbee.service;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.guardbee", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule NO_CYCLES =
      slices().matching("io.guardbee.service.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule MODULES_POINT_ONE_WAY =
      noClasses()
          .that()
          .resideInAPackage("io.guardbee.service..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.guardbee.broker..", "io.guardbee.agent..", "org.xipki..", "iaik..");

  @ArchTest
  static final ArchRule FEATURES_KNOW_NO_HTTP =
      noClasses()
          .that()
          .resideInAnyPackage(
              "..issuance..",
              "..authority..",
              "..grant..",
              "..revocation..",
              "..device..",
              "..feed..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.javalin..", "jakarta.servlet..", "io.guardbee.service.http..");
}
