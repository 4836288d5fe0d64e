package io.guardbee;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.guardbee", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule theAgentKnowsNeitherServiceNorBroker =
      noClasses()
          .that()
          .resideInAnyPackage("io.guardbee.agent..", "io.guardbee.demo..", "io.guardbee.bench..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.guardbee.service..", "io.guardbee.broker..");

  /** {@code Main} wires everything and is named by nobody. */
  @ArchTest
  static final ArchRule theAgentKnowsNoDemoAndNoBenchmark =
      noClasses()
          .that()
          .resideInAPackage("io.guardbee.agent.*")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.guardbee.demo..", "io.guardbee.bench..", "io.guardbee.probe..");

  /** Each package by itself: {@code io.guardbee.agent} holds Main alone. */
  @ArchTest
  static final ArchRule noCycles = slices().matching("io.guardbee.(**)").should().beFreeOfCycles();
}
