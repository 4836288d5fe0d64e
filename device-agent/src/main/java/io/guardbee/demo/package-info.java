/** The whole road in one transcript: enrol, publish, be revoked, stay out. */
@NullMarked
package io.guardbee.demo;

import org.jspecify.annotations.NullMarked;
