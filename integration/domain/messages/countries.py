"""Countries, nationalities and the letters of visas and statuses. Data."""

from typing import Final

COUNTRIES: Final = """
afghanistan, albania, algeria, andorra, angola, antigua and barbuda, argentina, armenia, australia, austria,
azerbaijan, bahamas, bahrain, bangladesh, barbados, belarus, belgium, belize, benin, bhutan, bolivia, bosnia, bosnia
and herzegovina, botswana, brazil, brasil, brunei, bulgaria, burkina faso, burma, burundi, cabo verde, cambodia,
cameroon, canada, cape verde, central african republic, chad, chile, china, colombia, comoros, congo, costa rica, cote
d ivoire, cote divoire, croatia, cuba, cyprus, czech republic, czechia, democratic republic of the congo, denmark,
djibouti, dominica, dominican republic, east timor, ecuador, egypt, el salvador, equatorial guinea, eritrea, estonia,
eswatini, ethiopia, fiji, finland, france, gabon, gambia, georgia, germany, ghana, great britain, greece, grenada,
guatemala, guinea, guinea bissau, guyana, haiti, honduras, hong kong, hungary, iceland, india, indonesia, iran, iraq,
ireland, israel, italy, ivory coast, jamaica, japan, jordan, kazakhstan, kenya, kiribati, korea, kosovo, kuwait,
kyrgyzstan, laos, latvia, lebanon, lesotho, liberia, libya, liechtenstein, lithuania, luxembourg, macau, macedonia,
madagascar, malawi, malaysia, maldives, mali, malta, marshall islands, mauritania, mauritius, mexico, micronesia,
moldova, monaco, mongolia, montenegro, morocco, mozambique, myanmar, namibia, nauru, nepal, netherlands, the
netherlands, new zealand, nicaragua, niger, nigeria, north korea, north macedonia, norway, oman, pakistan, palau,
palestine, panama, papua new guinea, paraguay, peru, philippines, poland, portugal, puerto rico, qatar, republic of
korea, romania, russia, russian federation, rwanda, saint kitts and nevis, saint lucia, saint vincent, samoa, san
marino, sao tome, saudi arabia, scotland, senegal, serbia, seychelles, sierra leone, singapore, slovakia, slovenia,
solomon islands, somalia, south africa, south korea, south sudan, soviet union, spain, sri lanka, st kitts, st lucia,
st vincent, sudan, suriname, swaziland, sweden, switzerland, syria, taiwan, tajikistan, tanzania, thailand, timor
leste, togo, tonga, trinidad, trinidad and tobago, tunisia, turkey, turkiye, turkmenistan, tuvalu, uganda, ukraine,
united arab emirates, uae, united kingdom, uk, england, uruguay, ussr, uzbekistan, vanuatu, vatican, venezuela,
vietnam, wales, yemen, yugoslavia, zambia, zimbabwe, guam, american samoa, virgin islands, northern mariana islands,
estados unidos, united states, united mexican states, us, usa
"""

NATIONALITIES: Final = """
afghan, albanian, algerian, american, angolan, argentine, argentinian, argentinean, armenian, australian, austrian,
azerbaijani, bahamian, bangladeshi, barbadian, belarusian, belgian, belizean, bhutanese, bolivian, bosnian, brazilian,
british, bulgarian, burmese, burundian, cambodian, cameroonian, canadian, cape verdean, chadian, chilean, chinese,
colombian, congolese, costa rican, croatian, cuban, cypriot, czech, danish, dominican, dutch, ecuadorian, ecuadorean,
egyptian, emirati, english, eritrean, estonian, ethiopian, fijian, filipino, filipina, finnish, french, gabonese,
gambian, georgian, german, ghanaian, greek, grenadian, guatemalan, guinean, guyanese, haitian, honduran, hungarian,
icelandic, indian, indonesian, iranian, iraqi, irish, israeli, italian, ivorian, jamaican, japanese, jordanian,
kazakh, kenyan, korean, kosovar, kuwaiti, kyrgyz, lao, laotian, latvian, lebanese, liberian, libyan, lithuanian,
macedonian, malagasy, malawian, malaysian, malian, maltese, marshallese, mauritanian, mexican, mexicano, mexicana,
micronesian, moldovan, mongolian, montenegrin, moroccan, mozambican, namibian, nepalese, nepali, nicaraguan, nigerian,
nigerien, norwegian, omani, pakistani, palauan, palestinian, panamanian, paraguayan, peruvian, polish, portuguese,
qatari, romanian, russian, rwandan, saint lucian, salvadoran, salvadorian, salvadorean, samoan, saudi, scottish,
senegalese, serbian, sierra leonean, singaporean, slovak, slovenian, somali, south african, south korean, spanish, sri
lankan, sudanese, surinamese, swazi, swedish, swiss, syrian, taiwanese, tajik, tanzanian, thai, togolese, tongan,
trinidadian, tunisian, turkish, turkmen, ugandan, ukrainian, uruguayan, uzbek, venezuelan, vietnamese, welsh, yemeni,
zambian, zimbabwean, guatemalteco, guatemalteca, hondureno, hondurena, salvadoreno, salvadorena, colombiano,
colombiana, venezolano, venezolana, cubano, cubana, nicaraguense, ecuatoriano,
ecuatoriana, peruano, peruana, dominicano, dominicana, brasileno, brasilena, haitiano, haitiana, boliviano, boliviana,
chileno, chilena, argentino, argentina, paraguayo, paraguaya, uruguayo, uruguaya, panameno, panamena, costarricense,
espanol, espanola, estadounidense, hispanic national
"""

CODES: Final = frozenset(
    """
    usc lpr cpr ltr tps daca ded ewi ead sij sijs vawa uac asy ref par dt adj b1 b2 b1b2 a1 a2 a3 c1 c2 c3 c1d d1 d2
    e1 e2 e3 f1 f2 f3 f4 g1 g2 g3 g4 g5 h1a h1b h1b1 h1c h2a h2b h3 h4 i1 j1 j2 k1 k2 k3 k4 l1 l1a l1b l2 m1 m2 n8
    n9 o1 o2 o3 p1 p1a p1b p2 p3 p4 q1 q2 r1 r2 s5 s6 s7 t1 t2 t3 t4 t5 t6 tn td u1 u2 u3 u4 u5 v1 v2 v3 wb wt vwp
    i551 i94 i766 i797 i485 i589 i130 i765 n400 n550 n560 n565 ir1 ir2 cr1 cr2 ir5 ir6 cr6 fb1 eb1 eb2 eb3 eb5 dv
    c08 c09 c10 a03 a05 a10 a12 c33 c31 c19 c8 c9 d s u v mx mm mex usa us ca can gt gtm hn hnd sv slv cu cub ht hti
    do dom co col ve ven ni nic pe per ec ecu br bra cn chn in ind vn vnm ph phl kr kor jm jam gh gha ng nga so som
    iq irq ir irn sy syr af afg pk pak bd bgd np npl mmr et eth er eri sn sen
    """.split()
)
"""Classes of admission, forms and country codes, letters and digits only."""
