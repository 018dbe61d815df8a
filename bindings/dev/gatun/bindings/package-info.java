/** What jextract 23 made of native/include/gatun.h (script bindings/generate). Not to be edited. */
package dev.gatun.bindings;
